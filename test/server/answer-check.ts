import fastify from 'fastify';
import { OPERATIONS, type OperationId } from '../../src/server/api/operations.ts';
import type { Operation } from '../../src/server/api/operation.ts';
import type { JsonSchema } from '../../src/server/api/schema.ts';
import { SCHEMAS } from '../../src/server/api/schemas.ts';

/** Tells how an answer differs from what its schema says: also by what the schema does not name. */
export async function answerChecker(): Promise<(id: OperationId | 'error', answer: unknown) => string[]> {
  const app = fastify({
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: true,
        strict: false,
      },
    },
  });
  const components = { schemas: strict(SCHEMAS) };
  const validators = new Map<string, (answer: unknown) => string[]>();
  app.get('/', (request) => {
    const compile = (schema: JsonSchema) => {
      const validate = request.compileValidationSchema({ ...(strict(schema) as object), components });
      return (answer: unknown) =>
        validate(answer)
          ? []
          : (validate.errors ?? []).map(
              ({ instancePath, message, params }) =>
                `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
            );
    };
    for (const [id, { answer }] of Object.entries<Operation>(OPERATIONS))
      if ('schema' in answer.content) validators.set(id, compile(answer.content.schema));
    validators.set('error', compile({ $ref: '#/components/schemas/Error' }));
    return 'ok';
  });
  const { statusCode, body } = await app.inject('/');
  if (statusCode !== 200) throw new Error(body);
  return (id, answer) => validators.get(id)?.(answer) ?? [`no schema of ${id}`];
}

/** The same, but an object may hold nothing that is not named. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  const isObject = 'properties' in inner && !('additionalProperties' in inner) && 'required' in inner;
  return isObject && typeof inner['properties'] === 'object'
    ? { ...inner, additionalProperties: false }
    : inner;
}
