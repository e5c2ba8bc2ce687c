import type { ClusterReport, InstanceCondition } from '../app/operate/cluster-report.ts';
import type { LiveRun } from '../app/serve/run-desk.ts';

/** Upper bounds of the buckets of a run's duration. */
const BUCKET_SECONDS = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600];
const CONDITIONS: readonly InstanceCondition[] = [
  'running',
  'stopped',
  'failed',
  'degraded',
  'drifted',
  'unreachable',
];

/** Counts what became of the runs of this process. */
export interface RunMetrics {
  /** Follows a run to its end. */
  watch(run: LiveRun): void;
  lines(): readonly string[];
}

interface Durations {
  readonly buckets: number[];
  sum: number;
  count: number;
}

export function createRunMetrics(clock: () => number): RunMetrics {
  const outcomes = new Map<string, number>();
  const durations = new Map<string, Durations>();
  let droppedEvents = 0;
  return {
    watch(run) {
      void run.done.then(({ outcome }) => {
        const labels = `does="${run.does}",outcome="${outcome}"`;
        outcomes.set(labels, (outcomes.get(labels) ?? 0) + 1);
        const seconds = (clock() - run.startedAt) / 1000;
        const known = durations.get(run.does) ?? { buckets: BUCKET_SECONDS.map(() => 0), sum: 0, count: 0 };
        durations.set(run.does, known);
        known.sum += seconds;
        known.count++;
        for (const [at, bound] of BUCKET_SECONDS.entries())
          if (seconds <= bound) known.buckets[at] = (known.buckets[at] ?? 0) + 1;
        droppedEvents += run.firstEvent() - 1;
      });
    },
    lines: () => [
      ...metric(
        'slipway_runs_total',
        'counter',
        'Runs of this process by what they did and how they ended.',
        [...[...outcomes].map(([labels, count]): Sample => [`{${labels}}`, count])],
      ),
      ...metric(
        'slipway_run_duration_seconds',
        'histogram',
        'From the moment a run was asked for to its end.',
        [...durations].flatMap(([does, { buckets, sum, count }]): readonly Sample[] => [
          ...buckets.map((value, at): Sample => [
            `_bucket{does="${does}",le="${BUCKET_SECONDS[at]}"}`,
            value,
          ]),
          [`_bucket{does="${does}",le="+Inf"}`, count],
          [`_sum{does="${does}"}`, sum],
          [`_count{does="${does}"}`, count],
        ]),
      ),
      ...metric(
        'slipway_run_events_dropped_total',
        'counter',
        'Events of runs that left the buffer (the last 10000 are kept); log lines never do, their file has them.',
        [['', droppedEvents]],
      ),
    ],
  };
}

/** What a look at the cluster found; nothing when nobody looked yet. */
export function instanceMetrics(report: ClusterReport | null): readonly string[] {
  if (report === null) return [];
  const count = (condition: InstanceCondition): number =>
    report.instances.filter((instance) => instance.condition === condition).length;
  return [
    ...metric(
      'slipway_instances',
      'gauge',
      'Instances by condition, as the last look found them.',
      CONDITIONS.map((condition): Sample => [`{condition="${condition}"}`, count(condition)]),
    ),
    ...metric('slipway_last_look_timestamp_seconds', 'gauge', 'When that look was.', [
      ['', report.time / 1000],
    ]),
  ];
}

/** What follows a metric's name (`_sum`, `{label="value"}`), and its value. */
type Sample = readonly [suffix: string, value: number];

/** Of the text format of Prometheus, version 0.0.4. */
export function metric(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  samples: readonly Sample[],
): readonly string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([suffix, value]) => `${name}${suffix} ${value}`),
  ];
}
