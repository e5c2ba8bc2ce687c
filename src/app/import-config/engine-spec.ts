import type { StarterFile } from '../../spec/starter.ts';
import type { Json } from '../../state/model.ts';
import { ENGINE_COMPONENTS, ENGINE_PROPERTIES } from './engine-components.ts';
import type { EngineConfig } from './engine-config.ts';

/** Holds the values of sensitive variables; never under version control. */
export const SECRETS_FILE = 'secrets.auto.vars.json';

/** Names under which unknown properties are taken for secrets. */
const SECRET_NAME = /pass|secret|token|credential|private|(^|[_-])key$/i;

/**
 * The files of a spec that says the same as a configuration of the original deployment engine. Its configuration does not say how a
 * component is installed: each definition is a placeholder that is valid as it is.
 */
export function engineSpec(config: EngineConfig): readonly StarterFile[] {
  const secrets = Object.fromEntries(
    [...config.properties].filter(([name, value]) => isSecret(name) && value !== null),
  );
  return [
    { path: 'main.hcl', text: mainFile(config) },
    { path: 'variables.hcl', text: variablesFile(config.properties) },
    ...config.components.map(({ name, hosts }) => ({
      path: `components/${name}/component.hcl`,
      text: definitionFile(name, hosts.length),
    })),
    ...(Object.keys(secrets).length === 0
      ? []
      : [{ path: SECRETS_FILE, text: `${JSON.stringify(secrets, null, 2)}\n`, mode: 0o600 }]),
  ];
}

function isSecret(name: string): boolean {
  if (Object.hasOwn(ENGINE_PROPERTIES, name)) return ENGINE_PROPERTIES[name]?.sensitive === true;
  return SECRET_NAME.test(name);
}

function mainFile({ components, properties, notes }: EngineConfig): string {
  const domain = properties.get('domain');
  const name = typeof domain === 'string' && domain !== '' ? domain : 'imported';
  return `# Made by \`slipway init --from deployment-engine\`: which component runs on which machine.
# Each definition in components/ is a placeholder: it puts one file with the component's settings into its own directory. Replace
# that by what installs and starts the component; the configuration of the deployment engine does not say it.
${notes.length === 0 ? '' : `#\n# What was not taken over as it stood:\n${notes.map((note) => `# - ${oneLine(note)}\n`).join('')}`}
cluster ${quote(name)} {
  version = "1"
}
${sshBlock(properties)}
locals {
  # What every definition is given.
  common = {
${['domain', 'home', 'disksize', 'checkdisk', 'adduser', 'user']
  .filter((property) => properties.has(property))
  .map((property) => `    ${property.padEnd(9)} = var.${property}\n`)
  .join('')}  }
}

# The deployment engine put components in an order of its own. Here an order comes from what a component needs: by references to
# endpoints of others (component.nats.endpoints.client), or by depends_on = [component.nats].
${components.map(componentBlock).join('\n')}`;
}

function sshBlock(properties: EngineConfig['properties']): string {
  if (!properties.has('root')) return '';
  return `
# Before the first plan: \`slipway trust\` fetches the keys of the hosts and shows their fingerprints.
provider "ssh" {
  user     = "root"
  password = var.root
}
`;
}

function componentBlock({ name, hosts }: EngineConfig['components'][number]): string {
  const list =
    hosts.length <= 3
      ? `[${hosts.map(quote).join(', ')}]`
      : `[\n${hosts.map((host) => `    ${quote(host)},\n`).join('')}  ]`;
  return `component "${name}" {
  source = "./components/${name}"
  hosts  = ${list}
  inputs = local.common
}
`;
}

function variablesFile(properties: EngineConfig['properties']): string {
  if (properties.size === 0) return '# The configuration had no properties.\n';
  const head = [...properties.keys()].some(isSecret)
    ? `# The properties of the deployment engine. Those that are secret have their values in ${SECRETS_FILE}, which stays out of version\n# control.\n\n`
    : '# The properties of the deployment engine.\n\n';
  return head + [...properties].map(([name, value]) => variableBlock(name, value)).join('\n');
}

function variableBlock(name: string, value: Json): string {
  const known = Object.hasOwn(ENGINE_PROPERTIES, name) ? ENGINE_PROPERTIES[name] : undefined;
  const attributes: (readonly [string, string])[] = [];
  if (known !== undefined) attributes.push(['type', known.type]);
  if (isSecret(name)) attributes.push(['sensitive', 'true']);
  else if (value !== null || known === undefined) attributes.push(['default', literal(value, 1)]);
  if (known !== undefined) attributes.push(['description', quote(known.description)]);
  const width = Math.max(0, ...attributes.map(([attribute]) => attribute.length));
  const lines = attributes.map(([attribute, text]) => `  ${attribute.padEnd(width)} = ${text}\n`);
  return lines.length === 0 ? `variable "${name}" {}\n` : `variable "${name}" {\n${lines.join('')}}\n`;
}

function definitionFile(name: string, hosts: number): string {
  const known = Object.hasOwn(ENGINE_COMPONENTS, name) ? ENGINE_COMPONENTS[name] : undefined;
  const requires =
    known === undefined
      ? ''
      : `
  requires {
    cpu    = ${known.cpu}
    memory = "${known.memoryMiB}MiB"
    # What the component needs, or the least disk of every host, whichever is more.
    disk = input.checkdisk ? max(${known.diskMiB} * 1024 * 1024, input.disksize * 1000 * 1000 * 1000) : null
  }`;
  const single = known?.single === true && hosts <= 1 ? '\n  instances {\n    max = 1\n  }' : '';
  return `# PLACEHOLDER: how ${name} is installed is not known. Below stands what its definition usually has; take out what does not fit.
definition {
  description = ${quote(known?.description ?? name)}${requires}${single}
}

input "domain" {
  type    = string
  default = ""
}

input "home" {
  type    = string
  default = ""
}

input "disksize" {
  type    = number
  default = 0
}

input "checkdisk" {
  type    = bool
  default = true
}

input "adduser" {
  type    = bool
  default = false
}

input "user" {
  type    = string
  default = "root"
}

# The user that the component runs as. Slipway sets no passwords: keys, or a script with \`secrets\`, give access to it.
user "runtime" {
  name    = input.user
  enabled = input.adduser
}

# All that is known of this instance, where the component can read it.
file "settings" {
  path = "settings.json"
  content = jsonencode({
    component = "${name}"
    index     = instance.index
    address   = host.address
    peers     = [for peer in instance.peers : peer.address]
    domain    = input.domain
    home      = input.home
    user      = input.user
  })
}

# archive "release" {
#   path   = "release"
#   source = "${name}.tgz"
# }
#
# service "${name}" {
#   command = "\${instance.dir}/release/bin/${name} --config \${instance.dir}/settings.json"
#   user    = input.user
# }
#
# check "listening" { tcp = 4222 }
#
# endpoint "client" { port = 4222 }
#
# log "output" { path = "/var/log/${name}/*.log" }
`;
}

function quote(text: string): string {
  return JSON.stringify(text).replace(/([$%])\{/g, '$1$1{');
}

/** A JSON value as HCL writes it. */
function literal(value: Json, depth: number): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const indent = '  '.repeat(depth + 1);
  const end = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item: Json) => `${indent}${literal(item, depth + 1)},\n`).join('')}${end}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  return `{\n${entries.map(([name, item]) => `${indent}${quote(name)} = ${literal(item, depth + 1)}\n`).join('')}${end}}`;
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]+/g, ' ');
}
