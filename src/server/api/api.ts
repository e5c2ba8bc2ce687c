import type { FastifySchema } from 'fastify';
import { roleOf } from '../guard/principal.ts';
import type { ServerPlugin } from '../plugin.ts';
import { clusterHandlers } from './cluster-routes.ts';
import { HISTORY_HANDLERS } from './history-routes.ts';
import { logLineHandlers } from './log-line-routes.ts';
import { LOG_HANDLERS } from './log-routes.ts';
import { openApiDocument } from './openapi.ts';
import { BASE_PATH, type Handler, type Operation } from './operation.ts';
import { OPERATIONS, type OperationId } from './operations.ts';
import { OVERRIDE_HANDLERS } from './override-routes.ts';
import { PLAN_HANDLERS } from './plan-routes.ts';
import { referenceHandlers } from './reference.ts';
import { addEventSocket, RUN_HANDLERS } from './run-routes.ts';

/** The own API below `/api/v1`: what it checks requests by is what its document says. */
export const ownApi: ServerPlugin = async (app, context) => {
  const handlers: Readonly<Record<OperationId, Handler>> = {
    ...clusterHandlers(),
    ...PLAN_HANDLERS,
    ...OVERRIDE_HANDLERS,
    ...RUN_HANDLERS,
    ...LOG_HANDLERS,
    ...logLineHandlers(),
    ...HISTORY_HANDLERS,
    ...referenceHandlers(openApiDocument(OPERATIONS)),
  };
  const operations: Readonly<Record<OperationId, Operation>> = OPERATIONS;
  for (const [id, operation] of Object.entries(operations)) {
    const handler = handlers[id as OperationId];
    const { method, path, changes, open = false } = operation;
    const role = roleOf(operation);
    app.route({
      method,
      url: `${BASE_PATH}${path}`,
      config: { changes, role, open },
      schema: requestSchema(operation),
      handler: (request, reply) => handler(request, reply, context),
    });
  }
  addEventSocket(context);
  await Promise.resolve();
};

function requestSchema({ params, query = {}, body }: Operation): FastifySchema {
  const known = { type: 'object', additionalProperties: false };
  return {
    querystring: { ...known, properties: query },
    ...(params === undefined
      ? {}
      : { params: { ...known, properties: params, required: Object.keys(params) } }),
    ...(body === undefined ? {} : { body }),
  };
}
