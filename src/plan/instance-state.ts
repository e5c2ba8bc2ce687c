import type { KindContext } from '../resources/resource.ts';
import { kindOf } from '../resources/kinds.ts';
import type { InstanceState, InstanceStatus } from '../state/model.ts';
import type { DesiredInstance } from './plan.ts';

/** What state will say of an instance once it is as the spec wants it. */
export function instanceState(
  desired: DesiredInstance,
  known: {
    status: InstanceStatus;
    run: string;
    specVersion: string | null;
    context: Omit<KindContext, 'triggersDigest'>;
  },
): InstanceState {
  const { declaration } = desired;
  const context: KindContext = { ...known.context, triggersDigest: '' };
  return {
    address: declaration.address,
    component: declaration.component,
    host: declaration.host,
    index: declaration.index,
    dir: desired.dir,
    status: known.status,
    ...(desired.stopped === true ? { stopped: true } : {}),
    run: known.run,
    specVersion: known.specVersion,
    definitionDigest: desired.definitionDigest,
    resources: desired.resources.map((resource) => {
      const kind = kindOf(resource);
      return {
        kind: resource.kind,
        address: resource.address,
        key: kind.key(resource, context),
        attributes: kind.attributes(resource, context),
      };
    }),
    checks: declaration.checks,
    endpoints: declaration.endpoints,
    logs: declaration.logs.map((log) => ({
      name: log.name,
      files: log.source.type === 'files' ? log.source.path : null,
      unit: log.source.type === 'unit' ? log.source.unit : null,
    })),
  };
}
