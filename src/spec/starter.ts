/** A file that `slipway init` writes. */
export interface StarterFile {
  /** Relative to the working directory. */
  readonly path: string;
  readonly text: string;
  /** Permissions; the system's choice where it is absent. */
  readonly mode?: number;
}

/** The files that `slipway init` writes: a commented spec and a definition that apply as they are, on this machine. */
export function starterFiles(): readonly StarterFile[] {
  return [
    { path: 'main.hcl', text: SPEC },
    { path: 'components/hello/component.hcl', text: DEFINITION },
    { path: 'components/hello/server.mjs', text: SERVER },
    { path: 'components/hello/page.tftpl', text: PAGE },
  ];
}

const SPEC = `# What runs where. All *.hcl files of this directory are read together.
#
#   slipway plan      shows what would change
#   slipway apply     does it
#   slipway destroy   takes it off again

cluster "starter" {
  version = "0.1.0" # your own label of this spec, shown in history
}

variable "greeting" {
  type        = string
  default     = "Hello from slipway"
  description = "What the page says; set it with --var greeting=..."
}

# A component is a definition (source) placed on hosts, with inputs.
# 127.x.x.x is this machine, worked on without root. Real machines are reached over SSH:
#
#   provider "ssh" {
#     user        = "deploy"
#     private_key = "~/.ssh/id_ed25519"
#     become      = "sudo"
#   }
component "hello" {
  source = "./components/hello"
  hosts  = ["127.0.1.1"] # add "127.0.1.2" and apply again to scale up
  inputs = {
    port     = 8421
    greeting = var.greeting
  }
}

output "pages" {
  value = [for e in component.hello.endpoints.http : "http://\${e.address}:\${e.port}/"]
}
`;

const DEFINITION = `# A recipe for one component. It knows its inputs and its host, not where it lies or who uses it.
definition {
  description = "One page over HTTP"
}

input "port" {
  type    = number
  default = 8421
}

input "greeting" {
  type = string
}

# Resources are applied in the order written and removed in reverse. Relative paths lie in instance.dir.
file "page" {
  path     = "page.txt"
  template = "page.tftpl"
}

file "server" {
  path   = "server.mjs"
  source = "server.mjs"
}

# A service restarts when a resource written above it changed.
service "hello" {
  command = "node \${instance.dir}/server.mjs \${host.address} \${input.port} \${instance.dir}/page.txt"
}

# An instance is healthy when its checks hold.
check "answers" {
  http = "http://\${host.address}:\${input.port}/"
}

# What other components can refer to: component.hello.endpoints.http
endpoint "http" {
  port = input.port
}
`;

const SERVER = `import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [address, port, page] = process.argv.slice(2);
const text = readFileSync(page);
createServer((request, response) => {
  console.log(request.method, request.url);
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(text);
}).listen(Number(port), address, () => console.log(\`listening on \${address}:\${port}\`));
`;

const PAGE = `\${input.greeting}
This is instance \${instance.index + 1} of \${instance.count}, on \${host.address}.
%{ for peer in instance.peers ~}
- \${peer.address}
%{ endfor ~}
`;
