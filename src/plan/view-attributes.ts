import type { DesiredResource } from '../resources/resource.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import type { AttributeValueView, AttributeView } from './view.ts';

/** What a resource is on the host: a path, or the name of a package, user, group or service; null for a script. */
export function subjectOf(resource: DesiredResource): string | null {
  switch (resource.kind) {
    case 'package':
    case 'group':
    case 'user':
    case 'service':
      return resource.name;
    case 'directory':
    case 'file':
    case 'link':
    case 'archive':
      return resource.path;
    case 'script':
      return null;
    default:
      return unreachable(resource);
  }
}

/** Attributes of a resource that is new; what the spec leaves open is left out. */
export function newAttributes(resource: DesiredResource): readonly AttributeView[] {
  const attributes: AttributeView[] = [];
  const add = (name: string, after: AttributeValueView): void => {
    if (after !== null && after !== '') attributes.push({ name, before: null, after, sensitive: false });
  };
  const hide = (name: string): void =>
    void attributes.push({ name, before: null, after: null, sensitive: true });
  switch (resource.kind) {
    case 'package':
      add('version', resource.version);
      break;
    case 'group':
      add('gid', resource.gid);
      add('system', resource.system || null);
      break;
    case 'user':
      add('uid', resource.uid);
      add('group', resource.group);
      add('groups', resource.groups.join(', '));
      add('home', resource.home);
      add('shell', resource.shell);
      add('comment', resource.comment);
      add('system', resource.system || null);
      break;
    case 'directory':
      add('owner', resource.owner);
      add('group', resource.group);
      add('mode', resource.mode);
      break;
    case 'file': {
      const { content } = resource;
      add('owner', resource.owner);
      add('group', resource.group);
      add('mode', resource.mode);
      if (content.type === 'blob') {
        add('content', `sha256:${content.blob.digest}`);
        add('bytes', content.blob.sizeBytes);
      } else if (content.sensitive) {
        hide('content');
      } else {
        add('content', `sha256:${content.digest}`);
        add('lines', countLines(content.text));
      }
      break;
    }
    case 'link':
      add('target', resource.target);
      break;
    case 'archive':
      add('format', resource.format);
      add('content', `sha256:${resource.blob.digest}`);
      add('bytes', resource.blob.sizeBytes);
      add('owner', resource.owner);
      add('group', resource.group);
      break;
    case 'service':
      add('command', resource.command);
      add('user', resource.user);
      add('group', resource.group);
      add('working_directory', resource.workingDirectory);
      for (const name of Object.keys(resource.environment).sort())
        add(`environment.${name}`, resource.environment[name] ?? null);
      break;
    case 'script':
      add('create', resource.create);
      add('unless', resource.unless);
      for (const name of resource.secrets.keys()) hide(`secrets.${name}`);
      break;
    default:
      return unreachable(resource);
  }
  return attributes;
}

function countLines(text: string): number {
  if (text === '') return 0;
  let lines = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
