/**
 * A definition that leaves witnesses of what was done on a host: how often its script ran, with which configuration its service
 * was started.
 */
export const witnessDefinition = `
definition { description = "leaves traces of what is done to it" }
input "value" { type = string }

package "lab-app" {}
user "witness" { system = true }
directory "data" {
  path      = "/var/lib/witness"
  owner     = "witness"
  on_remove = "delete"
}
file "artifact" {
  path   = "/opt/witness.bin"
  source = "artifact.bin"
}
file "config" {
  path    = "/etc/witness.conf"
  content = "value \${input.value}\\n"
}
script "migrate" {
  create   = "echo \${input.value} >>/var/lib/witness/migrations"
  destroy  = "rm -f /var/lib/witness/migrations"
  triggers = [input.value]
}
service "witness" {
  command = "/bin/sh -c 'cp /etc/witness.conf /run/witness.started; exec sleep 1000000'"
}
check "started" {
  command  = "cmp /etc/witness.conf /run/witness.started"
  interval = "200ms"
  timeout  = "20s"
}
`;

export function witnessCluster(hosts: readonly string[]): string {
  return `
cluster "witness" { version = "1" }
variable "value" { type = string }
component "witness" {
  source = "./components/witness"
  hosts  = ${JSON.stringify(hosts)}
  inputs = { value = var.value }
  update { max_in_flight = "100%" }
}
`;
}

/** Files of a working directory; the artifact is large enough to be sent as a blob. */
export function witnessFiles(hosts: readonly string[]): Readonly<Record<string, string>> {
  return {
    'cluster.hcl': witnessCluster(hosts),
    'components/witness/component.hcl': witnessDefinition,
    'components/witness/artifact.bin': 'one line of an artifact\n'.repeat(50_000),
  };
}
