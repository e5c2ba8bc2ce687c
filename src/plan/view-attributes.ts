import type { DesiredFile, DesiredResource } from '../resources/resource.ts';
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
  const hidden: AttributeView[] = [];
  if (resource.kind === 'file' && resource.content.type === 'text' && resource.content.sensitive)
    hidden.push({ name: 'content', before: null, after: null, sensitive: true });
  if (resource.kind === 'script')
    for (const name of resource.secrets.keys())
      hidden.push({ name: `secrets.${name}`, before: null, after: null, sensitive: true });
  return [
    ...Object.entries(printable(resource))
      .filter(([, after]) => after !== null && after !== '')
      .map(([name, after]) => ({ name, before: null, after, sensitive: false })),
    ...hidden,
  ];
}

function printable(resource: DesiredResource): Readonly<Record<string, AttributeValueView>> {
  switch (resource.kind) {
    case 'package':
      return { version: resource.version };
    case 'group':
      return { gid: resource.gid, system: resource.system || null };
    case 'user':
      return {
        uid: resource.uid,
        group: resource.group,
        groups: resource.groups.join(', '),
        home: resource.home,
        shell: resource.shell,
        comment: resource.comment,
        system: resource.system || null,
      };
    case 'directory':
      return { owner: resource.owner, group: resource.group, mode: resource.mode };
    case 'file':
      return {
        owner: resource.owner,
        group: resource.group,
        mode: resource.mode,
        ...contentFigures(resource.content),
      };
    case 'link':
      return { target: resource.target };
    case 'archive':
      return {
        format: resource.format,
        content: `sha256:${resource.blob.digest}`,
        bytes: resource.blob.sizeBytes,
        owner: resource.owner,
        group: resource.group,
      };
    case 'service':
      return {
        command: resource.command,
        user: resource.user,
        group: resource.group,
        working_directory: resource.workingDirectory,
        ...Object.fromEntries(
          Object.entries(resource.environment).map(([name, value]) => [`environment.${name}`, value]),
        ),
      };
    case 'script':
      return { create: resource.create, unless: resource.unless };
    default:
      return unreachable(resource);
  }
}

function contentFigures(content: DesiredFile['content']): Readonly<Record<string, AttributeValueView>> {
  if (content.type === 'blob')
    return { content: `sha256:${content.blob.digest}`, bytes: content.blob.sizeBytes };
  if (content.sensitive) return {};
  return { content: `sha256:${content.digest}`, lines: countLines(content.text) };
}

function countLines(text: string): number {
  if (text === '') return 0;
  let lines = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
