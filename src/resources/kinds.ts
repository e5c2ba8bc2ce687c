import { archive } from './archive.ts';
import { directory } from './directory.ts';
import { file } from './file.ts';
import { group } from './group.ts';
import { link } from './link.ts';
import { packageKind } from './package.ts';
import type { DesiredResource, ResourceKind } from './resource.ts';
import { script } from './script.ts';
import { service } from './service.ts';
import { user } from './user.ts';

/** Every kind by its name; a kind that is missing here does not compile. */
const KINDS: { readonly [D in DesiredResource as D['kind']]: ResourceKind<D> } = {
  package: packageKind,
  group,
  user,
  directory,
  file,
  link,
  archive,
  service,
  script,
};

/** The module of a resource's kind. */
export function kindOf<D extends DesiredResource>(resource: D): ResourceKind<D> {
  return kindNamed(resource.kind) as unknown as ResourceKind<D>;
}

/** The module of a kind, for what state recorded. */
export function kindNamed(kind: DesiredResource['kind']): ResourceKind<DesiredResource> {
  return KINDS[kind] as unknown as ResourceKind<DesiredResource>;
}
