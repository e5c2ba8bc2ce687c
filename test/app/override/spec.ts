import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { DiagnosticsError, type Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import type { ConfigUse } from '../../../src/app/override/config.ts';
import { OVERRIDE_FILE } from '../../../src/spec/override.ts';
import { localStore } from '../../../state/local/local-store.ts';
import { testParser } from '../../spec/language.ts';
import { placed, project } from '../../spec/project.ts';

/** A cluster with one of each: a protected component, one that stands once, variables of every kind. */
export const SPEC = {
  'main.hcl': `cluster "shop" {}
host "edge" {
  address = "10.0.0.9"
  labels  = { zone = "a" }
}
component "nats" {
  source = "./nats"
  hosts  = ["10.0.0.1"]
  inputs = { domain = var.domain }
}
component "haproxy" {
  source = "./haproxy"
  hosts  = var.edges
  inputs = { peers = component.nats.endpoints.client, password = var.password }
}
component "uaa" {
  source = "./nats"
  hosts  = []
}
`,
  'variables.hcl': `variable "domain" {
  type    = string
  default = "cf.local"
  validation {
    condition     = length(var.domain) > 2
    error_message = "Too short."
  }
}
variable "edges" {
  type    = list(string)
  default = ["10.0.0.9"]
}
variable "disksize" {
  type    = number
  default = 10
}
variable "checkdisk" {
  type    = bool
  default = false
}
variable "password" {
  type      = string
  sensitive = true
}
`,
  'nats/component.hcl': `input "domain" {
  type    = string
  default = ""
}
file "config" {
  path    = "config"
  content = "domain \${input.domain}"
}
endpoint "client" { port = 4222 }
`,
  'haproxy/component.hcl': `definition {
  instances {
    max = 1
  }
}
input "peers" {}
input "password" { type = string }
file "config" {
  path    = "config"
  mode    = "0600"
  content = jsonencode([input.peers, input.password])
}
`,
};

export const SECRET = 'topsecret-1';

/** A working directory with that spec, and what its configuration is asked by. */
export function shop(
  files: Readonly<Record<string, string>> = {},
  variables: ConfigUse['variables'] = [],
): ConfigUse {
  const directory = project({ ...SPEC, ...files });
  const environment = { SLIPWAY_VAR_password: SECRET };
  const ports = {
    parser: testParser(),
    store: localStore,
    clock: Date.now,
    environment,
    owner: 'tester@here',
  };
  return { directory, variables, ports };
}

/** The override of a directory as it lies there. */
export function written({ directory }: ConfigUse): { text: string; mode: string; json: unknown } | null {
  const file = path.join(directory, OVERRIDE_FILE);
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  return { text, mode: (statSync(file).mode & 0o777).toString(8), json: JSON.parse(text) };
}

/** All that a refusal says. */
export async function refusal(promise: Promise<unknown>): Promise<string[]> {
  const error: unknown = await promise.then(
    () => new Error('it was taken'),
    (e: unknown) => e,
  );
  if (!(error instanceof DiagnosticsError)) throw error;
  return error.diagnostics.map(placed);
}

export function words(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(placed);
}
