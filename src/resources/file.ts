import { sh } from '../host/sh.ts';
import { setAccess } from './access.ts';
import { compareAttributes, reasonOf, unifiedDiff } from './compare.ts';
import { blobOf, digestOf, isSensitive } from './content.ts';
import {
  afterHandover,
  decodeBefore,
  entryOf,
  fateByRecord,
  ifOurs,
  foreignOwner,
  isHandedOver,
  otherOwners,
  OWNERSHIP_FUNCTIONS,
  recordLine,
  standsOwned,
} from './ownership.ts';
import { FILE_FUNCTIONS, keepAccess, keepPackaged, restore, snapshot, write } from './file-steps.ts';
import { PARENTS_FUNCTIONS, pruneParents } from './parents.ts';
import type {
  AttributeMap,
  DesiredFile,
  KindContext,
  Observed,
  RecordedResource,
  ResourceKind,
} from './resource.ts';

export const file: ResourceKind<DesiredFile> = {
  kind: 'file',
  functions: OWNERSHIP_FUNCTIONS + PARENTS_FUNCTIONS + FILE_FUNCTIONS,

  key: keyOf,

  claims: (resource) => [{ key: keyOf(resource), exclusive: true }],

  attributes: (resource, context) => ({
    path: resource.path,
    owner: resource.owner,
    group: resource.group,
    mode: resource.mode,
    content: wantedContent(resource, context),
  }),

  probe(resource) {
    const { content, path } = resource;
    const diffable = content.type === 'text' && !content.sensitive && blobOf(content) === null;
    return [{ probe: 'path', path, digest: true, ...(diffable ? { contentUnless: content.digest } : {}) }];
  },

  observe(resource, observation, context) {
    const answer = observation.answers.get(`path ${resource.path}`);
    if (answer?.probe !== 'path') throw new Error(`${resource.path} was not probed`);
    const foreign = foreignOwner(entryOf(observation.record, keyOf(resource)), context);
    if (foreign !== null) return { state: 'conflict', what: `${resource.path} belongs to ${foreign}` };
    const { found } = answer;
    if (found === null) return { state: 'absent' };
    if (found.type !== 'file') {
      const what = { directory: 'a directory', link: 'a symbolic link', other: 'a special file' }[found.type];
      return { state: 'conflict', what: `${what} stands at ${resource.path}` };
    }
    const { owner, group, mode } = found;
    const content = observedContent(resource, found.digest ?? '', context);
    return { state: 'present', attributes: { owner, group, mode, content }, content: found.content };
  },

  diff(resource, seen, prior, entry, context) {
    const observed = prior === null && isHandedOver(entry, context) ? afterHandover(seen, entry) : seen;
    const wanted = comparable(resource, context);
    const reason = reasonOf(prior, this.attributes(resource, context), observed);
    if (observed.state === 'absent') return { action: 'create', resource, reason };
    if (observed.state !== 'present') {
      return { action: 'update', resource, attributes: [], diff: null, reason, observed };
    }
    const wasSensitive = String(prior?.attributes['content'] ?? '').startsWith('hmac:');
    const sensitive = wasSensitive || isSensitive(resource.content);
    const there = sensitive ? hideContent(resource, observed, context) : observed;
    const changes = compareAttributes(wanted, there.attributes, new Set(sensitive ? ['content'] : []));
    if (changes.length === 0) {
      return { action: standsOwned(entry, prior, context) ? 'none' : 'adopt', resource };
    }
    const diff = sensitive ? null : contentDiff(resource, observed);
    return { action: 'update', resource, attributes: changes, diff, reason, observed: there };
  },

  apply(change, entry, context, secrets) {
    const { resource } = change;
    const key = keyOf(resource);
    const own = recordLine.own(key, resource.address);
    const adopt = recordLine.adopt(key, resource.address);
    switch (change.action) {
      case 'create': {
        const body = write(
          resource,
          'absent',
          [...keepPackaged(key, resource), own],
          adopt,
          context,
          secrets,
          resource,
        );
        return { id: resource.address, body };
      }
      case 'adopt': {
        const body = `${sh('same_file', resource.path, digestOf(resource.content))}\n${adopt}`;
        return { id: resource.address, body };
      }
      case 'update': {
        const { observed } = change;
        if (observed.state === 'conflict') return { id: resource.address, body: sh('die', observed.what) };
        if (observed.state !== 'present') return null;
        const seen = seenDigest(observed.attributes);
        const rewrites = change.attributes.some((attribute) => attribute.name === 'content');
        const first = [...snapshot(resource, observed.attributes, entry, rewrites), own];
        // A new file takes the place of the old one: what the spec leaves open stays as it was.
        const access = rewrites ? keepAccess(resource, observed.attributes) : resource;
        const body = rewrites
          ? write(resource, seen, first, adopt, context, secrets, access)
          : [sh('same_file', resource.path, seen), ...first, ...setAccess(resource.path, access)].join('\n');
        return { id: resource.address, body };
      }
      default:
        return null;
    }
  },

  blobs(resource) {
    const blob = blobOf(resource.content);
    return blob === null ? [] : [blob];
  },

  probeRecorded: (recorded) => [{ probe: 'path', path: pathOf(recorded) }],

  planRemoval(recorded, observation, context) {
    const answer = observation.answers.get(`path ${pathOf(recorded)}`);
    const present = answer?.probe === 'path' && answer.found?.type === 'file';
    return fateByRecord(entryOf(observation.record, recorded.key), present, context);
  },

  remove(removal, entry, context) {
    const { key, address } = removal.recorded;
    const path = pathOf(removal.recorded);
    if (otherOwners(entry, context).length > 0) return { id: address, body: recordLine.disown(key, address) };
    const forget = recordLine.forget(key);
    switch (removal.fate.fate) {
      case 'kept':
        return { id: address, body: forget };
      case 'restored':
        return { id: address, body: [...restore(path, key, decodeBefore(entry)), forget].join('\n') };
      default:
        return {
          id: address,
          body: ifOurs(entry, key, [
            sh('rm', '-f', path, `${path}.slipway-new`),
            forget,
            pruneParents(path),
          ]).join('\n'),
        };
    }
  },
};

function keyOf(resource: DesiredFile): string {
  return `file ${resource.path}`;
}

function pathOf(recorded: RecordedResource): string {
  return String(recorded.attributes['path']);
}

function hmacOf(text: string, context: KindContext): string {
  const digest = context.hmac(text);
  return digest.startsWith('hmac:') ? digest : `hmac:${digest}`;
}

function wantedContent({ content }: DesiredFile, context: KindContext): string {
  if (content.type === 'text' && content.sensitive) return hmacOf(content.text, context);
  return `sha256:${digestOf(content)}`;
}

/** Sensitive content is compared here, in memory; what leaves is no digest that could be guessed at. */
function observedContent(resource: DesiredFile, digest: string, context: KindContext): string {
  if (!isSensitive(resource.content)) return `sha256:${digest}`;
  return digest === digestOf(resource.content)
    ? wantedContent(resource, context)
    : hmacOf(`sha256:${digest}`, context);
}

type Present = Extract<Observed, { state: 'present' }>;

/** What was sensitive by the last spec is not shown by this one. */
function hideContent(resource: DesiredFile, observed: Present, context: KindContext): Present {
  const content = String(observed.attributes['content']);
  const same = content === wantedContent(resource, context);
  if (same || content.startsWith('hmac:')) return { ...observed, content: null };
  return {
    ...observed,
    attributes: { ...observed.attributes, content: hmacOf(content, context) },
    content: null,
  };
}

function comparable(resource: DesiredFile, context: KindContext): AttributeMap {
  const { owner, group, mode } = resource;
  return { owner, group, mode, content: wantedContent(resource, context) };
}

function contentDiff(resource: DesiredFile, observed: Present): string | null {
  const { content } = resource;
  if (content.type !== 'text' || observed.content === null) return null;
  return unifiedDiff(resource.path, observed.content, content.text);
}

/** The digest that the plan saw; `any` where only an HMAC is known of it. */
function seenDigest(attributes: AttributeMap): string {
  const content = String(attributes['content']);
  return content.startsWith('sha256:') ? content.slice('sha256:'.length) : 'any';
}
