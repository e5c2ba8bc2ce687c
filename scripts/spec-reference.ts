import { functionGroups } from '../src/spec/eval/functions/table.ts';
import { FACTS } from '../src/spec/facts.ts';
import { DEFINITION_SCHEMA } from '../src/spec/schema/definition-file.ts';
import type { AttributeSchema, BlockSchema } from '../src/spec/schema/schema.ts';
import { SPEC_SCHEMA } from '../src/spec/schema/spec-file.ts';

/** The text of docs/spec.md, made of the tables that the spec is checked against. */
export function specReference(): string {
  return `${[
    INTRODUCTION,
    '## The spec\n\nAll `*.hcl` files of the working directory together (hidden files and `*.vars.hcl` left out); the order of files and blocks means nothing.',
    ...blocksText(SPEC_SCHEMA.blocks, 3),
    '## Definitions\n\nA definition is a directory: `component.hcl`, any other `*.hcl` beside it, templates and files. Its resources are applied in the order written and removed in reverse.',
    ...blocksText(DEFINITION_SCHEMA.blocks, 3),
    NAMES,
    factsText(),
    VARIABLES,
    ...functionsText(),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `# Spec reference

<!-- Made by scripts/spec-docs.mjs from the tables in src/spec/schema. Change those, then run it. -->

The language is HCL2: blocks, attributes, expressions and templates as in Terraform. A one-line block holds at most one attribute.

\`\`\`hcl
cluster "shop" { version = "1.4.0" }

component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.11", "10.0.0.12"]
  inputs = { port = 8080 }
}

output "urls" {
  value = [for e in component.web.endpoints.http : "http://\${e.address}:\${e.port}"]
}
\`\`\`

Types of attributes, beside those of the language:

| type | what it takes |
| --- | --- |
| \`integer\` | a whole number that is not negative |
| \`port\` | a number from 1 to 65535 |
| \`mode\` | permissions as text in octal digits: \`"0644"\` |
| \`path\` | a path on the host; a relative one lies in \`instance.dir\`, and \`~/\` is the home of the connecting user |
| \`size\` | \`"512MiB"\`, \`"1GiB"\`, \`"10GB"\`, or a number of bytes |
| \`duration\` | \`"250ms"\`, \`"30s"\`, \`"1m30s"\`, \`"2h"\`, or a number of seconds |
| \`share\` | a number of instances, or a share of them: \`"25%"\` |
| \`host name\` | a name to resolve, or an address |
| \`address:port\` | \`"10.0.0.5:5432"\`, \`"db.internal:5432"\`, \`"[2001:db8::5]:5432"\` |
| \`condition\` | \`">= 262144"\`, also with \`<=\`, \`>\`, \`<\`, \`=\`, \`!=\`; a bare value must be equal |
| \`versions\` | conditions that all must hold: \`">= 5.10, < 6.8"\` |
| \`limits\` | a map by the names of limits.conf (\`nofile\`, \`nproc\`, \`memlock\` ...) to numbers, sizes where bytes are counted, or \`"unlimited"\` |
| \`type\` | a type constraint: \`string\`, \`list(number)\`, \`object({ port = optional(number, 80) })\` |
| \`component\` | \`component.NAME\` |
| \`expression\` | any value |

Null counts as not given. A sensitive value is refused where it would be shown or kept, unless the table says otherwise.`;

const NAMES = `## Names in expressions

In the spec:

| name | value |
| --- | --- |
| \`var.NAME\` | value of a variable |
| \`local.NAME\` | a local value |
| \`host.NAME\` | a \`host\` block: \`address\`, \`name\`, \`labels\` |
| \`component.NAME.hosts\` | addresses of its hosts; no dependency |
| \`component.NAME.endpoints.ENDPOINT\` | list by index of \`{host, address, port, index}\`; a dependency |

In a definition and its templates:

| name | value |
| --- | --- |
| \`input.NAME\` | value of an input |
| \`host\` | \`address\`, \`name\` (its address when it has no block), \`labels\`, \`facts\` |
| \`instance\` | \`index\`, \`count\`, \`dir\`, \`peers\`: all instances of the component as \`{host, address, index}\`, this one among them |
| \`cluster\` | \`name\`, \`version\` |
| \`each\` | \`key\` and \`value\`, in a resource with \`for_each\` |`;

const VARIABLES = `## Where variables get their values

Later ones win: \`SLIPWAY_VAR_name\` in the environment, \`*.auto.vars.json\` and \`*.auto.vars.hcl\` by name, then the values of \`deployment-engine_override.json\`, then \`--var name=value\` and \`--var-file FILE\` in the order given. A required variable without a value is asked for on a terminal.

Where there is a file \`deployment-engine_override.json\`, written by \`POST /deployment-engine/config\` ([serve.md](serve.md#the-override)), the hosts of every component come from it, too.
Text from the environment, \`--var\` or a prompt stands for itself where the type is \`string\`, \`number\`, \`bool\` or not given, and is an expression for all other types.`;

function blocksText(blocks: readonly BlockSchema[], level: number): string[] {
  return blocks.flatMap((block) => [blockText(block, level), ...blocksText(innerBlocks(block), level + 1)]);
}

/** `provider` in a `host` is described where it stands by itself. */
function innerBlocks(block: BlockSchema): readonly BlockSchema[] {
  return block.blocks.filter((inner) => inner.type !== 'provider');
}

function blockText(block: BlockSchema, level: number): string {
  const labels = block.labels.map((label) => ` "${block.variant ?? label.toUpperCase()}"`).join('');
  const parts = [`${'#'.repeat(level)} ${block.type}${labels}`, block.description];
  const attributes = [...block.attributes.values()];
  if (attributes.length > 0) {
    parts.push(
      [
        '| attribute | type | default | |',
        '| --- | --- | --- | --- |',
        ...attributes.map((a) => row(a, block)),
      ].join('\n'),
    );
  }
  const names = [...new Set(block.blocks.map((b) => `\`${b.type}\``))];
  if (names.length > 0) parts.push(`Blocks in it: ${names.join(', ')}.`);
  return parts.join('\n\n');
}

function row(attribute: AttributeSchema, block: BlockSchema): string {
  const notes = [attribute.description];
  if (attribute.oneOf) notes.push(`One of ${attribute.oneOf.map((v) => `\`"${v}"\``).join(', ')}.`);
  if (attribute.sensitive === 'allowed') notes.push('May be sensitive.');
  if (attribute.sensitive === 'required') notes.push('A secret: `var.NAME` of a sensitive variable.');
  const cells = [`\`${attribute.name}\``, attribute.type, defaultText(attribute, block), notes.join(' ')];
  return `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
}

function defaultText(attribute: AttributeSchema, block: BlockSchema): string {
  if (attribute.required) return '**required**';
  if (block.exactlyOne.includes(attribute.name)) {
    return `**one of** ${block.exactlyOne.map((name) => `\`${name}\``).join(', ')}`;
  }
  if (attribute.defaultText !== null) return codeOrWords(attribute.defaultText);
  if (attribute.defaultFrom !== null)
    return attribute.defaultFrom === 'label' ? 'its label' : attribute.defaultFrom;
  return attribute.default === null ? '' : `\`${JSON.stringify(attribute.default)}\``;
}

/** A default that one could write stands as code; a duration in its quotes. */
function codeOrWords(text: string): string {
  if (/^\d+(ms|s|m|h)$/.test(text)) return `\`"${text}"\``;
  return /^(["{[\d].*|true|false|any)$/.test(text) ? `\`${text}\`` : text;
}

function factsText(): string {
  const rows = FACTS.map(({ name, type, description }) => `| \`${name}\` | ${type} | ${description} |`);
  return [
    '## Facts',
    'What a probe says of a host, as `host.facts.NAME` in definitions. Placement, inputs and endpoints cannot depend on them.',
    ['| fact | type | |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

function functionsText(): string[] {
  return [
    '## Functions',
    ...functionGroups.map(({ title, functions }) => {
      const rows = functions.map((f) => `| \`${f.signature}\` | ${f.description.replace(/\|/g, '\\|')} |`);
      return [`### ${title}`, ['| function | value |', '| --- | --- |', ...rows].join('\n')].join('\n\n');
    }),
  ];
}
