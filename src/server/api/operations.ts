import type { Operation } from './operation.ts';
import { anything, closed, list, oneOf, ref, text, truth, whole } from './schema.ts';

const selector = text('`backend`, `backend@10.0.0.1`, `@10.0.0.1`', { minLength: 1, maxLength: 500 });
const look = (what: string) =>
  oneOf(['live', 'last'], `\`live\`: ${what} are asked now (default); \`last\`: what the last look found.`);
const run = text('Id of a run, a beginning that only it has, or `last`.', {
  pattern: '^[A-Za-z0-9-]+$',
  maxLength: 64,
});
const version = whole('A version of the history.', { minimum: 1 });
const digest = text('Digest of a plan.', { pattern: '^[0-9a-f]{64}$' });
/** Why a token that may only read cannot plan. */
const HOLDS_LOCK =
  'Needs the role `operate`: while a plan is made no run begins, here or elsewhere, and it may take the place of one that is kept.';
const planAnswer = {
  status: 200,
  description: 'The plan. It is kept, so that it can be applied by its digest; the last 20 are.',
  content: { schema: ref('Plan') },
} as const;

/** The own API, in the order of its document. */
export const OPERATIONS = {
  cluster: {
    method: 'GET',
    path: '/cluster',
    tag: 'Cluster',
    summary: 'What is placed where, by the state',
    description: 'No host is asked.',
    changes: false,
    answer: { status: 200, description: 'The cluster.', content: { schema: ref('Cluster') } },
  },
  instances: {
    method: 'GET',
    path: '/instances',
    tag: 'Cluster',
    summary: 'How all instances are',
    changes: false,
    query: {
      look: look('hosts'),
      maxAgeMs: whole('A look that ended so recently will do.', { minimum: 0, maximum: 3_600_000 }),
    },
    answer: { status: 200, description: 'What a look found.', content: { schema: ref('ClusterReport') } },
    refusals: [404],
  },
  hosts: {
    method: 'GET',
    path: '/hosts',
    tag: 'Cluster',
    summary: 'Hosts with their hardware and usage',
    changes: false,
    query: { look: look('hosts') },
    answer: { status: 200, description: 'All hosts of the state.', content: { schema: ref('Hosts') } },
    refusals: [404],
  },
  validate: {
    method: 'POST',
    path: '/validate',
    tag: 'Plans',
    summary: 'Check the spec',
    description: 'No host is asked. A spec with errors is an answer, not a refusal.',
    changes: false,
    answer: { status: 200, description: 'All that is to be said.', content: { schema: ref('Validation') } },
  },
  plan: {
    method: 'POST',
    path: '/plan',
    tag: 'Plans',
    summary: 'Find out what an apply or a destroy would do',
    description: `Hosts are asked, nothing is changed. ${HOLDS_LOCK}`,
    changes: false,
    role: 'operate',
    body: closed({
      type: ['object', 'null'],
      properties: {
        does: { ...oneOf(['apply', 'destroy']), default: 'apply' },
        targets: list(selector, 'Only these. Default: everything.'),
        excludes: list(selector, 'All but these.'),
        replace: list(selector, 'Instances to be removed and installed anew.'),
      },
    }),
    answer: planAnswer,
    refusals: [409],
  },
  keptPlan: {
    method: 'GET',
    path: '/plans/:plan',
    tag: 'Plans',
    summary: 'A plan that was made before',
    changes: false,
    params: { plan: digest },
    answer: planAnswer,
    refusals: [404],
  },
  rollback: {
    method: 'POST',
    path: '/rollback',
    tag: 'Plans',
    summary: 'Find out what going back to an older version would do',
    description: `Nothing is changed: apply the plan by its digest. ${HOLDS_LOCK}`,
    changes: false,
    role: 'operate',
    body: closed({ type: 'object', properties: { version }, required: ['version'] }),
    answer: planAnswer,
    refusals: [404, 409],
  },
  override: {
    method: 'GET',
    path: '/override',
    tag: 'Override',
    summary: 'What is laid over the spec, and what the spec says without it',
    description:
      'Hosts of components and values of variables that were posted to the deployment-engine API: ' +
      '`deployment-engine_override.json` as it stands there.',
    changes: false,
    answer: { status: 200, description: 'Both.', content: { schema: ref('Override') } },
  },
  withdrawOverride: {
    method: 'DELETE',
    path: '/override',
    tag: 'Override',
    summary: 'Take the override away, so that the spec alone counts',
    description:
      'Nothing is done to hosts: plan and apply. 400 with all that is wrong, and the file stays, when the spec is not valid without it, or ' +
      'would take off what `prevent_destroy` guards. Where there is none, nothing changes.',
    changes: true,
    answer: { status: 200, description: 'The spec alone counts.', content: { schema: ref('Withdrawn') } },
  },
  beginRun: {
    method: 'POST',
    path: '/runs',
    tag: 'Runs',
    summary: 'Apply a plan, or start, stop or restart instances',
    description:
      'Whoever asks has approved it. A plan is applied as it was shown, or not at all: 409 when state, spec or hosts have changed since. ' +
      'The answer comes when the run has begun.',
    changes: true,
    body: closed({
      type: 'object',
      properties: {
        does: oneOf(['apply', 'destroy', 'start', 'stop', 'restart']),
        plan: { ...digest, description: 'To apply or destroy by.' },
        selectors: list(selector, 'What to start, stop or restart; an empty list means the whole cluster.'),
      },
      required: ['does'],
      if: { type: 'object', properties: { does: { enum: ['apply', 'destroy'] } } },
      then: { type: 'object', required: ['plan'] },
      else: { type: 'object', required: ['selectors'] },
    }),
    answer: { status: 202, description: 'The run has begun.', content: { schema: ref('RunStarted') } },
    refusals: [404, 409, 502],
  },
  runs: {
    method: 'GET',
    path: '/runs',
    tag: 'Runs',
    summary: 'Runs, the newest first',
    changes: false,
    query: { limit: whole('At most so many (20).', { minimum: 1, maximum: 1000 }) },
    answer: { status: 200, description: 'Runs.', content: { schema: ref('Runs') } },
  },
  run: {
    method: 'GET',
    path: '/runs/:run',
    tag: 'Runs',
    summary: 'One run with its instances',
    changes: false,
    params: { run },
    answer: { status: 200, description: 'The run.', content: { schema: ref('Run') } },
    refusals: [404],
  },
  cancelRun: {
    method: 'POST',
    path: '/runs/:run/cancel',
    tag: 'Runs',
    summary: 'End a run before its end',
    changes: true,
    params: { run },
    body: closed({
      type: ['object', 'null'],
      properties: {
        mode: {
          ...oneOf(
            ['graceful', 'now'],
            '`graceful`: nothing new begins; `now`: what runs is left where it is, and the next apply goes on there.',
          ),
          default: 'graceful',
        },
      },
    }),
    answer: { status: 202, description: 'It was told to end.', content: { schema: ref('RunStarted') } },
    refusals: [404, 409],
  },
  runEvents: {
    method: 'GET',
    path: '/runs/:run/events',
    tag: 'Runs',
    summary: 'Events of a run, while it goes on',
    description:
      'Server-sent events: each has a number as its id, its type, and a `RunEvent` as its data; the last one is of type `end`, with a `RunEnd`. ' +
      'Whoever comes back sends the number of the last event as `Last-Event-ID`; where some are no longer kept, an event `gap` comes first, and the run is ' +
      'to be read anew. 204: there is nothing after that event. The same events come over a WebSocket at this path, ' +
      'as JSON `{id, type, data}`, one in a message.',
    changes: false,
    params: { run },
    query: { after: whole('In place of the header `Last-Event-ID`.', { minimum: 0 }) },
    answer: { status: 200, description: 'Events.', content: { type: 'text/event-stream' } },
    refusals: [404],
  },
  runLog: {
    method: 'GET',
    path: '/runs/:run/logs/:log',
    tag: 'Runs',
    summary: 'A log of a run',
    description:
      'The header `x-next-from` of an answer says from where to go on: at most 16 MiB come at once, unless it is followed.',
    changes: false,
    params: {
      run,
      log: text("An instance, the name of its log, or `local`: the server's own.", {
        minLength: 1,
        maxLength: 500,
      }),
    },
    query: {
      from: whole('Offset in bytes to begin with (0).', { minimum: 0 }),
      limit: whole('At most so many bytes.', { minimum: 1, maximum: 16 * 1024 * 1024 }),
      follow: truth("Go on with what is written, until the run's end."),
    },
    answer: { status: 200, description: 'Lines, each with its time.', content: { type: 'text/plain' } },
    refusals: [404],
  },
  logs: {
    method: 'GET',
    path: '/logs',
    tag: 'Logs',
    summary: 'Which logs the instances have',
    changes: false,
    query: { select: list(selector, 'Only of these; may be given more than once.') },
    answer: {
      status: 200,
      description: 'Logs with their sizes, as the hosts tell.',
      content: {
        schema: { type: 'object', properties: { logs: list(ref('Log')) }, required: ['logs'] },
      },
    },
    refusals: [404],
  },
  log: {
    method: 'GET',
    path: '/logs/:instance/:log',
    tag: 'Logs',
    summary: 'A log of an instance',
    description:
      'Its last lines as text. With `follow` server-sent events: `line` with `{file, timeMs, text}`, `notice` with `{text}` (a lost connection, a rotated file).',
    changes: false,
    params: {
      instance: text('`backend@10.0.0.1`', { minLength: 1, maxLength: 500 }),
      log: text('As `/logs` lists it.', { minLength: 1, maxLength: 500 }),
    },
    query: {
      lines: whole('So many of the last lines of each file (1000; with `follow` 100); 0: all.', {
        minimum: 0,
        maximum: 10_000_000,
      }),
      sinceMs: whole('Only what was written since then: milliseconds since 1970.', { minimum: 0 }),
      grep: text('Only lines that match this extended regular expression.', { maxLength: 1000 }),
      follow: truth('Go on with what is written, until the client leaves.'),
      download: truth('As a file to be saved.'),
    },
    answer: { status: 200, description: 'Lines.', content: { type: 'text/plain' } },
    refusals: [404, 502],
  },
  logLines: {
    method: 'GET',
    path: '/logs/lines',
    tag: 'Logs',
    summary: 'Lines of several logs in one stream',
    description:
      'Server-sent events: `line` with `{instance, log, file, timeMs, text}`, `notice` with `{host, text, failed}` (a lost connection, a rotated file), ' +
      '`end` when there is nothing to come. Whoever was cut off sends the id of the last event as `Last-Event-ID` within a minute, and goes on there without ' +
      'losing or repeating a line; where that is not possible any more, an event `anew` comes first, and everything from the start. ' +
      'With `follow` and `grep`, `lines` says how many of the last lines are searched.',
    changes: false,
    query: {
      select: list(selector, 'Of these; may be given more than once. Default: the whole cluster.'),
      log: text('Only logs called so.', { minLength: 1, maxLength: 500 }),
      lines: whole('So many of the last lines of each file (1000; with `follow` 100); 0: all.', {
        minimum: 0,
        maximum: 10_000_000,
      }),
      sinceMs: whole('Only what was written since then: milliseconds since 1970.', { minimum: 0 }),
      grep: text('Only lines that match this extended regular expression.', { maxLength: 1000 }),
      follow: truth('Go on with what is written, until the client leaves.'),
    },
    answer: { status: 200, description: 'Events.', content: { type: 'text/event-stream' } },
    refusals: [404],
  },
  history: {
    method: 'GET',
    path: '/history',
    tag: 'History',
    summary: 'Versions of the spec that were applied',
    changes: false,
    answer: { status: 200, description: 'The oldest first.', content: { schema: ref('History') } },
  },
  version: {
    method: 'GET',
    path: '/history/:version',
    tag: 'History',
    summary: 'One version, with the files of the spec',
    changes: false,
    params: { version },
    answer: { status: 200, description: 'The version.', content: { schema: ref('Version') } },
    refusals: [404],
  },
  diff: {
    method: 'GET',
    path: '/history/:version/diff/:other',
    tag: 'History',
    summary: 'How two versions differ',
    changes: false,
    params: {
      version,
      other: text('Another version, or `now`: the working directory as it is.', {
        pattern: '^(now|[1-9][0-9]*)$',
      }),
    },
    answer: { status: 200, description: 'The differences.', content: { schema: ref('Diff') } },
    refusals: [404],
  },
  openapi: {
    method: 'GET',
    path: '/openapi.json',
    tag: 'Reference',
    summary: 'This document',
    changes: false,
    open: true,
    answer: { status: 200, description: 'OpenAPI 3.1.', content: { schema: anything } },
  },
  docs: {
    method: 'GET',
    path: '/docs',
    tag: 'Reference',
    summary: 'This document, to be read',
    changes: false,
    open: true,
    answer: { status: 200, description: 'A page.', content: { type: 'text/html' } },
  },
  docsStyle: {
    method: 'GET',
    path: '/docs.css',
    tag: 'Reference',
    summary: 'How that page looks',
    changes: false,
    open: true,
    answer: { status: 200, description: 'A style sheet.', content: { type: 'text/css' } },
  },
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationId = keyof typeof OPERATIONS;
