import { createHash } from 'node:crypto';
import type { RecordEntry } from '../host/record.ts';
import { sh } from '../host/sh.ts';
import type {
  AttributeChange,
  AttributeMap,
  DesiredScript,
  KindContext,
  Observed,
  RecordedResource,
  ResourceChange,
  ResourceKind,
} from './resource.ts';
import {
  entryOf,
  fateByRecord,
  isOwner,
  leaveShared,
  OWNERSHIP_FUNCTIONS,
  recordLine,
  standsOwned,
} from './ownership.ts';

/** Note on a script: digest of its triggers at its last successful run. */
export const DONE_NOTE = 'done';
/** A read-only question should not take long; the whole probe waits for it. */
const UNLESS_TIMEOUT_SECONDS = 30;

/**
 *   script_run NAME TEXT SECONDS WORD [FILE SECRET]...    runs TEXT by `sh -eu`; each secret FILE in $SECRETS becomes SECRET in the
 *                                                         directory that the script knows as $SECRETS
 */
const FUNCTIONS = `
script_run() {
  script_file=$SECRETS/.$1.sh script_secrets=$SECRETS/.$1.secrets script_seconds=$3 script_word=$4
  script_text=$2
  shift 4
  ( umask 077 && rm -rf "$script_secrets" && mkdir "$script_secrets" && printf '%s' "$script_text" >"$script_file" )
  while [ $# -gt 1 ]; do
    mv "$SECRETS/$1" "$script_secrets/$2"
    shift 2
  done
  # A script that does not heed TERM is killed after that, where this timeout can.
  if timeout -k 5 5 true 2>/dev/null; then set -- -k 5; else set --; fi
  script_began=$(date +%s)
  script_code=0
  ( cd / && SECRETS=$script_secrets && export SECRETS && exec timeout "$@" "$script_seconds" sh -eu "$script_file" ) </dev/null ||
    script_code=$?
  rm -rf "$script_file" "$script_secrets"
  case $script_code in
    0) return 0 ;;
    124 | 137 | 143)
      if [ $(($(date +%s) - script_began)) -ge "$script_seconds" ]; then
        die "$script_word did not finish within $script_seconds s"
      fi ;;
  esac
  die "$script_word failed with exit code $script_code"
}
`;

/** What the other kinds cannot say. Delivery is at least once: only a finished run is noted. */
export const script: ResourceKind<DesiredScript> = {
  kind: 'script',
  functions: OWNERSHIP_FUNCTIONS + FUNCTIONS,
  key: keyOf,
  claims: () => [],
  attributes: attributesOf,
  blobs: () => [],

  probe: (resource, context) =>
    resource.unless === null
      ? []
      : [
          {
            probe: 'command',
            key: keyOf(resource, context),
            program: resource.unless,
            timeoutSeconds: UNLESS_TIMEOUT_SECONDS,
          },
        ],

  observe(resource, observation, context) {
    if (resource.unless === null) return { state: 'unobservable' };
    const answer = observation.answers.get(`command ${keyOf(resource, context)}`);
    if (answer?.probe !== 'command' || answer.code !== 0) return { state: 'absent' };
    return { state: 'present', attributes: {}, content: null };
  },

  diff: diffScript,

  apply(change, entry, context, secrets) {
    const { resource } = change;
    const id = resource.address;
    const key = keyOf(resource, context);
    const done = recordLine.note(key, DONE_NOTE, resource.triggersDigest);
    const own = isOwner(entry, id, context) ? [] : [recordLine.own(key, id)];
    switch (change.action) {
      case 'adopt': {
        // Without `unless` only another instance's run can be what makes it done: that is undone with the last instance.
        const ours = change.takenOver ?? resource.unless === null;
        const adopt = ours ? own : [recordLine.adopt(key, id)];
        return { id, body: [...adopt, done].join('\n') };
      }
      case 'update':
        if (!change.attributes.some(({ name }) => name === 'triggers'))
          return own.length === 0 ? null : { id, body: own.join('\n') };
        return { id, body: [...own, runLine(resource, secrets), done].join('\n') };
      case 'create':
      case 'run':
        return { id, body: [...own, runLine(resource, secrets), done].join('\n') };
      default:
        return null;
    }
  },

  probeRecorded: () => [],

  planRemoval(recorded, observation, context) {
    const entry = entryOf(observation.record, recorded.key);
    const fate = fateByRecord(entry, entry !== null, context);
    return fate.fate === 'deleted' && recorded.attributes['destroy'] === null ? { fate: 'gone' } : fate;
  },

  remove(removal, _entry) {
    const { key, address, attributes } = removal.recorded;
    const { fate } = removal;
    const forget = recordLine.forget(key);
    // Another instance goes on with it elsewhere: nothing of it stays on this host.
    if (fate.fate === 'kept' && fate.why === 'shared')
      return { id: address, body: leaveShared(key, address, [forget]) };
    const leave = [recordLine.disown(key, address), forget];
    const { destroy, timeout } = attributes;
    const seconds = typeof timeout === 'number' ? timeout : 3600;
    if (fate.fate === 'deleted' && typeof destroy === 'string')
      leave.unshift(sh('script_run', nameOf(address), destroy, seconds, 'its destroy script'));
    return { id: address, body: leave.join('\n') };
  },
};

function keyOf(resource: DesiredScript, context: KindContext): string {
  const holder = resource.once ? context.instance.replace(/@.*$/s, '') : context.instance;
  return `script ${holder}/${resource.address}`;
}

function attributesOf(resource: DesiredScript): AttributeMap {
  return {
    once: resource.once,
    create: resource.create,
    unless: resource.unless,
    destroy: resource.destroy,
    triggers: resource.triggersDigest,
    timeout: Math.ceil(resource.timeoutSeconds),
  };
}

function diffScript(
  resource: DesiredScript,
  observed: Observed,
  prior: RecordedResource | null,
  entry: RecordEntry | null,
  context: KindContext,
): ResourceChange {
  const owned = standsOwned(entry, prior, context);
  const done = owned ? (entry?.notes.get(DONE_NOTE) ?? null) : null;
  if (done === null) {
    if (observed.state === 'present' && !owned) return { action: 'adopt', resource };
    const because = owned ? 'unfinished' : prior === null ? 'new' : 'missing';
    return { action: 'run', resource, reason: { because } };
  }
  if (done !== resource.triggersDigest)
    return { action: 'run', resource, reason: { because: 'input-changed' } };
  if (observed.state === 'absent') return { action: 'run', resource, reason: { because: 'drifted' } };
  // A text that changed does not run again; state learns of it, for the removal.
  const attributes: AttributeChange[] = [];
  for (const [name, after] of Object.entries(attributesOf(resource))) {
    const before = prior?.attributes[name] ?? null;
    if (prior !== null && name !== 'triggers' && before !== after)
      attributes.push({ name, before, after, sensitive: false });
  }
  if (attributes.length === 0) return { action: 'none', resource };
  const reason = { because: 'input-changed' } as const;
  return { action: 'update', resource, attributes, diff: null, reason, observed };
}

function runLine(resource: DesiredScript, secrets: Map<string, string | Uint8Array>): string {
  const name = nameOf(resource.address);
  const words: string[] = [];
  for (const [secret, value] of resource.secrets) {
    const file = `${name}.${words.length / 2}`;
    secrets.set(file, value);
    words.push(file, secret);
  }
  return sh('script_run', name, resource.create, Math.ceil(resource.timeoutSeconds), 'it', ...words);
}

/** A file name that is unique among the steps of one script. */
function nameOf(address: string): string {
  return createHash('sha256').update(address).digest('hex').slice(0, 16);
}
