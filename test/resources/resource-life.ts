import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mergeRequests, probeProgram } from '../../src/host/probe-program.ts';
import { parseProbe } from '../../src/host/probe-output.ts';
import type { HostObservation, ProbeRequest } from '../../src/host/observation.ts';
import { sha256 } from '../../src/resources/content.ts';
import { kindNamed, kindOf } from '../../src/resources/kinds.ts';
import type {
  DesiredResource,
  KindContext,
  RecordedResource,
  ResourceChange,
  ResourceRemoval,
} from '../../src/resources/resource.ts';
import type { StepHost, StepResult } from './step-host.ts';

/** The whole life of resources on a real directory tree: probed, compared, applied and removed as a run does it. */
export interface ResourceLife {
  readonly context: KindContext;
  observe(requests: readonly ProbeRequest[]): HostObservation;
  /** What a plan would do. `prior`: as the state of a former spec has it. */
  plan<D extends DesiredResource>(
    resource: D,
    prior?: RecordedResource | null,
  ): ResourceChange & { resource: D };
  apply(change: ResourceChange, context?: Partial<KindContext>): Promise<StepResult>;
  recorded(resource: DesiredResource): RecordedResource;
  planRemoval(recorded: RecordedResource): ResourceRemoval;
  remove(removal: ResourceRemoval): Promise<StepResult>;
}

export const RANGE = {
  file: 'component.hcl',
  start: { line: 1, column: 1, byte: 0 },
  end: { line: 1, column: 1, byte: 0 },
};

export function resourceLife(host: StepHost): ResourceLife {
  const layout = { stateDir: host.state, secretsDir: join(host.root, 'secrets'), instancesDir: host.root };
  const context: KindContext = {
    lineage: 'L',
    instance: 'web@h',
    init: 'none',
    layout: { ...layout, confined: false },
    triggersDigest: '',
    hmac: (text) => `hmac:${sha256(`key${text}`).slice(0, 12)}`,
  };

  function observe(requests: readonly ProbeRequest[]): HostObservation {
    const merged = mergeRequests(requests);
    const nonce = randomBytes(16).toString('hex');
    const input = probeProgram(context.layout, merged, nonce);
    const stdout = execFileSync('sh', ['-s'], { input });
    const output = { code: 0, stdout, stderr: Buffer.alloc(0) };
    return parseProbe('h', merged, output, nonce);
  }

  return {
    context,
    observe,
    plan(resource, prior = null) {
      const kind = kindOf(resource);
      const observation = observe(kind.probe(resource, context));
      const observed = kind.observe(resource, observation, context);
      const entry = observation.record.entries.get(kind.key(resource, context)) ?? null;
      return kind.diff(resource, observed, prior, entry, context) as never;
    },
    async apply(change, more = {}) {
      const kind = kindOf(change.resource);
      for (const blob of kind.blobs(change.resource)) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of blob.open()) chunks.push(Uint8Array.from(chunk));
        writeFileSync(join(host.state, 'blobs', blob.digest), Buffer.concat(chunks));
      }
      const secrets = new Map<string, string | Uint8Array>();
      const key = kind.key(change.resource, context);
      const step = kind.apply(change, host.entry(key), { ...context, ...more }, secrets);
      return host.run(kind.functions, step, secrets);
    },
    recorded(resource) {
      const kind = kindOf(resource);
      const { address } = resource;
      return {
        kind: resource.kind,
        address,
        key: kind.key(resource, context),
        attributes: kind.attributes(resource, context),
      };
    },
    planRemoval(recorded) {
      const kind = kindNamed(recorded.kind);
      const observation = observe(kind.probeRecorded(recorded, context));
      const fate = kind.planRemoval(recorded, observation, context);
      return { action: 'remove', recorded, reason: { because: 'removed-from-spec' }, fate };
    },
    remove(removal) {
      const kind = kindNamed(removal.recorded.kind);
      const step = kind.remove(removal, host.entry(removal.recorded.key), context);
      return host.run(kind.functions, step);
    },
  };
}
