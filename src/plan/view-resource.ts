import { DIFF_LIMIT_BYTES } from '../resources/compare.ts';
import type {
  AttributeChange,
  AttributeValue,
  DesiredResource,
  ResourceChange,
  ResourceRemoval,
} from '../resources/resource.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import { wordReason } from './reasons.ts';
import type { AttributeView, ResourceView } from './view.ts';
import { newAttributes, subjectOf } from './view-attributes.ts';

/** The view of a resource that the spec wants and that changes. */
export function changedResourceView(change: ResourceChange): ResourceView {
  const { resource } = change;
  const { address, kind } = resource;
  const subject = subjectOf(resource);
  const nothing = { attributes: [], diff: null, content: null, fate: null, conflict: null };
  switch (change.action) {
    case 'create':
      return {
        address,
        kind,
        subject,
        action: 'create',
        attributes: newAttributes(resource),
        diff: null,
        content: contentOf(resource),
        reason: wordReason(change.reason),
        fate: null,
        conflict: null,
      };
    case 'adopt': {
      const reason =
        change.takenOver === undefined ? null : 'taken over from another instance, which has run it';
      return { address, kind, subject, action: 'adopt', reason, ...nothing };
    }
    case 'update': {
      const attributes = change.attributes.map(attributeView);
      const hidden = attributes.some((attribute) => attribute.sensitive && attribute.name === 'content');
      return {
        address,
        kind,
        subject,
        action: 'update',
        attributes,
        diff: hidden || isSensitive(resource) ? null : change.diff,
        content: null,
        reason: isTakenAsFound(change)
          ? 'there before slipway, but not as wanted'
          : wordReason(change.reason),
        fate: null,
        conflict: change.observed.state === 'conflict' ? change.observed.what : null,
      };
    }
    case 'run':
    case 'start':
    case 'restart':
    case 'reload':
    case 'stop': {
      const attributes = change.action === 'run' ? newAttributes(resource) : [];
      const reason = wordReason(change.reason);
      return { address, kind, subject, action: change.action, reason, ...nothing, attributes };
    }
    case 'none':
      throw new Error(`${address} does not change`);
    default:
      return unreachable(change);
  }
}

function isTakenAsFound({ reason, observed }: Extract<ResourceChange, { action: 'update' }>): boolean {
  return reason.because === 'new' && observed.state === 'present';
}

/** The view of a resource that goes. */
export function removedResourceView({ recorded, fate, reason }: ResourceRemoval): ResourceView {
  const { path, name } = recorded.attributes;
  const subject = typeof path === 'string' ? path : typeof name === 'string' ? name : null;
  return {
    address: recorded.address,
    kind: recorded.kind,
    subject,
    action: 'remove',
    attributes: [],
    diff: null,
    content: null,
    reason: wordReason(reason),
    fate,
    conflict: null,
  };
}

function attributeView({ name, before, after, sensitive }: AttributeChange): AttributeView {
  // The digest of something secret says nothing to people and has no business outside state.
  if (sensitive || isSecretDigest(before) || isSecretDigest(after))
    return { name, before: null, after: null, sensitive: true };
  return { name, before, after, sensitive: false };
}

function isSecretDigest(value: AttributeValue): boolean {
  return typeof value === 'string' && value.startsWith('hmac:');
}

function isSensitive(resource: DesiredResource): boolean {
  return resource.kind === 'file' && resource.content.type === 'text' && resource.content.sensitive;
}

function contentOf(resource: DesiredResource): string | null {
  if (resource.kind !== 'file' || resource.content.type !== 'text' || resource.content.sensitive) return null;
  const { text } = resource.content;
  return text.length > DIFF_LIMIT_BYTES || text.includes('\0') ? null : text;
}
