import { createClusterPicture } from '../src/tui/cluster-picture.ts';
import { createRunPicture } from '../src/tui/run-view.tsx';
import { openScreen, type Picture } from '../src/tui/screen.tsx';
import { demoReport } from '../test/tui/demo-cluster.ts';
import { demoEvents } from '../test/tui/demo-events.ts';
import { fakeTerminal } from '../test/tui/fake-terminal.ts';

/**
 * What a frame of a live view costs, from the events that wait for it to the bytes for the terminal. In processor time:
 * that of the clock says as much of what else runs on the machine.
 */
const LIMIT_MS = 10;
const ROUNDS = 60;

interface Figures {
  readonly medianMs: number;
  readonly worstMs: number;
  readonly bytes: number;
}

/** A view with made-up data: `advance` brings it what one frame shows more than the one before. */
interface Subject {
  readonly picture: Picture;
  readonly advance: (round: number) => void;
}

const VIEWS: Readonly<Record<'run' | 'status', (instances: number) => Subject>> = {
  run(instances) {
    const picture = createRunPicture({ color: true, onInterrupt: () => undefined, clock: Date.now });
    const events = demoEvents(instances);
    const batch = Math.ceil(events.length / ROUNDS);
    const time = Date.now();
    return {
      picture,
      advance(round) {
        for (const { event } of events.slice(round * batch, (round + 1) * batch)) picture.take(event(time));
      },
    };
  },
  // A new look for each frame, and a cursor that moves: more than a person sees.
  status(instances) {
    const ignore = (): void => undefined;
    const picture = createClusterPicture({
      color: true,
      clock: Date.now,
      onQuit: ignore,
      onLook: ignore,
      onOpen: ignore,
    });
    const reports = Array.from({ length: ROUNDS }, (_, round) => demoReport(instances, round));
    return {
      picture,
      advance(round) {
        const report = reports[round];
        if (report !== undefined) picture.take({ type: 'looked', report });
        picture.press(round % 20 === 0 ? 's' : 'pagedown', { columns: 200, rows: 50 });
      },
    };
  },
};

async function measure({ picture, advance }: Subject, columns: number, rows: number): Promise<Figures> {
  let spent = 0;
  let started: NodeJS.CpuUsage | null = null;
  const timed: Picture = {
    frame(size) {
      started = process.cpuUsage();
      return picture.frame(size);
    },
    press: picture.press,
  };
  const times: number[] = [];
  const bytes: number[] = [];
  const { stdin, stdout } = fakeTerminal(columns, rows, (text) => {
    if (started === null) return;
    times.push(spent + milliseconds(process.cpuUsage(started)));
    bytes.push(Buffer.byteLength(text));
    started = null;
  });
  const screen = openScreen(timed, { stdin, stdout, color: true });
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    advance(round);
    spent = milliseconds(process.cpuUsage(before));
    screen.redraw();
    await new Promise((resolve) => setTimeout(resolve, 110));
  }
  await screen.close();
  // The first frames pay for the compiler.
  const steady = times.slice(10).sort((a, b) => a - b);
  return {
    medianMs: steady[Math.floor(steady.length / 2)] ?? NaN,
    worstMs: steady.at(-1) ?? NaN,
    bytes: Math.round(bytes.slice(10).reduce((sum, size) => sum + size, 0) / Math.max(1, steady.length)),
  };
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

console.log('| view | instances | screen | median frame (CPU) | worst frame (CPU) | bytes sent |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const [view, instances, columns, rows] of [
  ['run', 5, 80, 24],
  ['run', 500, 200, 50],
  ['run', 10_000, 200, 50],
  ['status', 5, 80, 24],
  ['status', 500, 200, 50],
] as const) {
  const { medianMs, worstMs, bytes } = await measure(VIEWS[view](instances), columns, rows);
  console.log(
    `| ${view} | ${instances} | ${columns}x${rows} | ${medianMs.toFixed(1)} ms | ${worstMs.toFixed(1)} ms | ${bytes} |`,
  );
  if (instances === 500 && medianMs > LIMIT_MS) {
    console.error(`A frame of 500 instances may take ${LIMIT_MS} ms.`);
    process.exitCode = 1;
  }
}
process.exit();
