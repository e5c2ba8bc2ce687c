import { BASE_PATH, type Handler } from './operation.ts';
import type { OpenApiDocument, OpenApiOperation } from './openapi.ts';
import type { JsonSchema } from './schema.ts';

/** The document, and a page of it: no script, nothing from elsewhere. */
export function referenceHandlers(
  document: OpenApiDocument,
): Readonly<Record<'openapi' | 'docs' | 'docsStyle', Handler>> {
  const json = JSON.stringify(document, null, 2);
  const page = referencePage(document);
  const policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";
  return {
    openapi: (_request, reply) => Promise.resolve(reply.type('application/json; charset=utf-8').send(json)),
    docs: (_request, reply) =>
      Promise.resolve(
        reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(page),
      ),
    docsStyle: (_request, reply) => Promise.resolve(reply.type('text/css; charset=utf-8').send(STYLE)),
  };
}

export function referencePage({ info, tags, paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = tags.map(({ name }) => ({
    name,
    operations: operations.filter(({ operation }) => operation.tags.includes(name)),
  }));
  const nav = groups.map((group) => {
    const links = group.operations.map(
      ({ path, method, operation }) =>
        `<li><a href="#${operation.operationId}">${method.toUpperCase()} ${escape(shortened(path))}</a></li>`,
    );
    return `<h2>${escape(group.name)}</h2><ul>${links.join('')}</ul>`;
  });
  const sections = groups.map(
    (group) =>
      `<h2>${escape(group.name)}</h2>${group.operations.map(({ path, method, operation }) => operationHtml(path, method, operation)).join('')}`,
  );
  const meanings = Object.entries(components.responses).map(
    ([name, { description }]) =>
      `<tr><th scope="row">${name.slice(1)}</th><td>${prose(String(description))}</td></tr>`,
  );
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<section id="schema-${name}"><h3>${name}</h3>${words(schema)}${propertiesHtml(schema)}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(info.title)} API</title><link rel="stylesheet" href="${BASE_PATH}/docs.css"></head>
<body>
<nav aria-label="Operations">${nav.join('')}<h2>Schemas</h2><ul>${Object.keys(components.schemas)
    .map((name) => `<li><a href="#schema-${name}">${name}</a></li>`)
    .join('')}</ul></nav>
<main>
<h1>${escape(info.title)} API</h1>
<p>${prose(info.description)}</p>
<p>Version ${escape(info.version)}. The same as <a href="${BASE_PATH}/openapi.json">OpenAPI 3.1</a>.</p>
<section id="errors"><h2>Errors</h2><p>All are an <a href="#schema-Error">Error</a>.</p>
<table><tbody>${meanings.join('')}</tbody></table></section>
${sections.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</main>
</body>
</html>
`;
}

function operationHtml(path: string, method: string, operation: OpenApiOperation): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const role = operation['x-role'] === 'operate' ? ' <strong class="role">operate</strong>' : '';
  const rows = parameters.map(
    (parameter) =>
      `<tr><td><code>${parameter.name}</code></td><td>${parameter.in}</td><td>${typeHtml(parameter.schema)}</td><td>${prose(parameter.description ?? '')}</td></tr>`,
  );
  const refusals = Object.entries(responses).filter(([, response]) => '$ref' in response);
  const answers = Object.entries(responses).flatMap(([status, response]) => {
    if ('$ref' in response) return [];
    const content = Object.entries((response['content'] ?? {}) as Record<string, { schema: JsonSchema }>);
    const types = content.map(([type, { schema }]) =>
      type === 'application/json' ? typeHtml(schema) : `<code>${type}</code>`,
    );
    return [`${status} ${types.join(' ')}: ${prose(String(response['description']))}`];
  });
  const errors = refusals.map(([status]) => status).join(', ');
  const body = requestBody?.content['application/json']?.schema;
  return `<section id="${operationId}">
<h3><code>${method.toUpperCase()} ${escape(path)}</code>${role}</h3>
<p>${prose(summary)}.${description === undefined ? '' : ` ${prose(description)}`}</p>
${rows.length === 0 ? '' : `<table><caption>Parameters</caption><thead><tr><th>Name</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`}
${body === undefined ? '' : `<h4>Body${requestBody?.required === true ? '' : ' (may be left out)'}</h4>${propertiesHtml(body)}`}
<h4>Answer</h4>
<p>${answers.join('<br>')}${errors === '' ? '' : `<br><a href="#errors">Errors</a>: ${errors}`}</p>
</section>
`;
}

function propertiesHtml(schema: JsonSchema): string {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>);
  if (properties.length === 0) return `<p>${typeHtml(schema)}</p>`;
  const required = (schema['required'] ?? []) as readonly string[];
  const rows = properties.map(
    ([name, property]) =>
      `<tr><td><code>${name}</code>${required.includes(name) ? '' : ' <span class="optional">optional</span>'}</td><td>${typeHtml(property)}</td><td>${wordsOf(property)}</td></tr>`,
  );
  return `<table><thead><tr><th>Name</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** A type in words: `list of Instance`, `text or null`. */
function typeHtml(schema: JsonSchema): string {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = reference.split('/').at(-1) ?? '';
    return `<a href="#schema-${name}">${name}</a>`;
  }
  const { type, items, anyOf, oneOf } = schema;
  if ('const' in schema) return `<code>${escape(JSON.stringify(schema['const']))}</code>`;
  if (Array.isArray(schema['enum']))
    return (schema['enum'] as readonly unknown[])
      .map((value) => `<code>${escape(String(value))}</code>`)
      .join(' ');
  const choices = (anyOf ?? oneOf) as readonly JsonSchema[] | undefined;
  if (choices !== undefined) return choices.map(typeHtml).join(' or ');
  if (type === 'array') return `list of ${typeHtml(items as JsonSchema)}`;
  if (Array.isArray(type)) return type.map((one: unknown) => escape(String(one))).join(' or ');
  if (type === 'object' && schema['properties'] !== undefined)
    return `{ ${Object.keys(schema['properties'] as object)
      .map((name) => `<code>${name}</code>`)
      .join(', ')} }`;
  return escape(typeof type === 'string' ? type : 'anything');
}

function words(schema: JsonSchema): string {
  const text = wordsOf(schema);
  return text === '' ? '' : `<p>${text}</p>`;
}

function wordsOf({ description }: JsonSchema): string {
  return typeof description === 'string' ? prose(description) : '';
}

/** Our own texts: code stands between backquotes. */
function prose(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function shortened(path: string): string {
  return path.slice(BASE_PATH.length);
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);
}

const STYLE = `:root { color-scheme: light dark; --ink: #1c1e21; --soft: #5a6068; --line: #d5d9de; --paper: #fff; --accent: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --soft: #a3abb4; --line: #3a4048; --paper: #16181b; --accent: #7ab8f5; } }
body { margin: 0; display: grid; grid-template-columns: 17rem minmax(0, 1fr); color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; box-sizing: border-box; padding: 1rem; border-right: 1px solid var(--line); font-size: .85rem; }
nav h2 { font-size: .85rem; margin: 1rem 0 .25rem; color: var(--soft); }
nav ul { list-style: none; margin: 0; padding: 0; }
main { max-width: 60rem; padding: 1rem 2rem 4rem; }
section { border-top: 1px solid var(--line); padding: .5rem 0 1rem; }
h3 { margin: .5rem 0; font-size: 1.1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .9rem; }
h4 { margin: .5rem 0 0; color: var(--soft); }
h4 + p { margin-top: .25rem; }
caption { text-align: left; font-weight: 600; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
code { font: .9em ui-monospace, monospace; }
a { color: var(--accent); }
.role { font-size: .75rem; border: 1px solid currentColor; border-radius: .25rem; padding: .1rem .4rem; vertical-align: middle; }
.optional { color: var(--soft); font-size: .8rem; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; border-right: 0; } main { padding: 1rem; } table { display: block; overflow-x: auto; } }
`;
