import { version } from '../../version.ts';
import { roleOf, type Role } from '../guard/principal.ts';
import { BASE_PATH, type Operation } from './operation.ts';
import { ref, type JsonSchema } from './schema.ts';
import { SCHEMAS } from './schemas.ts';

/** What any route may answer with, and what it means. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'The request, or the spec, is not as it should be.',
  401: 'A token is needed, and was not given or is not known.',
  403: 'This is not for who asks: a read token, another user, or a foreign page.',
  404: 'There is no such thing.',
  409: 'Not now: a run goes on, another process works on this state, or the plan is stale.',
  429: 'Too many wrong tokens.',
  500: 'The state is damaged, or the server has a bug.',
  502: 'A host cannot be worked with.',
};

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: JsonSchema;
  };
  readonly security: readonly JsonSchema[];
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  /** Whether it changes anything, and leaves a line in the audit log. */
  readonly 'x-changes': boolean;
  /** Role that a token needs; null: no token is needed. */
  readonly 'x-role': Role | null;
  readonly security?: readonly JsonSchema[];
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, JsonSchema>>;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** The document of these operations, OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0). */
export function openApiDocument(operations: Readonly<Record<string, Operation>>): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const [id, operation] of Object.entries(operations)) {
    const path = `${BASE_PATH}${operation.path.replace(/:(\w+)/g, '{$1}')}`;
    (paths[path] ??= {})[operation.method.toLowerCase()] = described(id, operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'slipway',
      version,
      description:
        'What `slipway serve` does for one cluster. Errors are JSON with a summary, what to do, and the diagnostics of the spec; they hold no secret.',
    },
    tags: [...new Set(Object.values(operations).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: SCHEMAS,
      responses: Object.fromEntries(
        Object.entries(REFUSALS).map(([status, description]) => [
          `E${status}`,
          { description, content: { 'application/json': { schema: ref('Error') } } },
        ]),
      ),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Of the token file. Without one, connections of the same user and of root are served.',
        },
      },
    },
    security: [{ token: [] }, {}],
  };
}

function described(id: string, operation: Operation): OpenApiOperation {
  const { tag, summary, description, changes, open, params, query, body, answer, refusals = [] } = operation;
  const parameters = [
    ...Object.entries(params ?? {}).map(([name, schema]) => parameter(name, 'path', schema)),
    ...Object.entries(query ?? {}).map(([name, schema]) => parameter(name, 'query', schema)),
  ];
  const statuses = [...(open === true ? [] : [400, 401, 403, 429, 500]), ...refusals].sort((a, b) => a - b);
  const content =
    'schema' in answer.content
      ? { 'application/json': { schema: answer.content.schema } }
      : { [answer.content.type]: { schema: { type: 'string' } } };
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    'x-changes': changes,
    'x-role': open === true ? null : roleOf(operation),
    ...(open === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: !allowsNull(body), content: { 'application/json': { schema: body } } } }),
    responses: {
      [answer.status]: { description: answer.description, content },
      ...Object.fromEntries(
        statuses.map((status) => [status, { $ref: `#/components/responses/E${status}` }]),
      ),
    },
  };
}

function parameter(name: string, place: 'path' | 'query', schema: JsonSchema): OpenApiParameter {
  const { description, ...rest } = schema;
  return {
    name,
    in: place,
    required: place === 'path',
    ...(typeof description === 'string' ? { description } : {}),
    schema: rest,
  };
}

function allowsNull({ type }: JsonSchema): boolean {
  return Array.isArray(type) && type.includes('null');
}
