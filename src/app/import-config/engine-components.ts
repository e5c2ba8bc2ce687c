/** What is known of a component of the original deployment engine. */
export interface EngineComponent {
  readonly description: string;
  /** It stands on one host at most. */
  readonly single: boolean;
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly diskMiB: number;
}

function known(
  description: string,
  hosts: 'one' | 'many',
  cpu = 1,
  memoryMiB = 1024,
  diskMiB = 5120,
): EngineComponent {
  return { description, single: hosts === 'one', cpu, memoryMiB, diskMiB };
}

/** The fourteen of its flagship cluster, with the least a host must have for each. */
export const ENGINE_COMPONENTS: Readonly<Record<string, EngineComponent>> = {
  haproxy: known('Load balancer', 'one'),
  nats: known('Message bus', 'many'),
  nfs_server: known('Shared storage', 'one', 1, 1024, 20480),
  database: known('Database', 'one', 1, 1024, 13312),
  cloud_controller_ng: known('Cloud controller', 'many', 1, 4096, 13312),
  etcd: known('Key-value store', 'one'),
  uaa: known('User authentication', 'many'),
  login: known('Web login', 'many'),
  hm9000: known('Health of components', 'many'),
  loggregator: known('Application logs', 'one', 1, 2048, 10240),
  collector: known('Logs of components', 'many'),
  syslog_aggregator: known('System logs', 'one'),
  gorouter: known('Router', 'many', 1, 2048, 10240),
  dea: known('Application runtime', 'many', 2, 4096, 35840),
};

/** As its documents misspell them. */
export const MISSPELT: Readonly<Record<string, string>> = { uua: 'uaa' };

/** Its properties, as they are typed here; there, any of them may be a text or a number. */
export const ENGINE_PROPERTIES: Readonly<
  Record<
    string,
    { readonly type: 'string' | 'number' | 'bool'; readonly description: string; readonly sensitive?: true }
  >
> = {
  domain: { type: 'string', description: "The cluster's domain; *.DOMAIN must resolve to haproxy" },
  home: { type: 'string', description: "The controller's address" },
  disksize: { type: 'number', description: 'Least disk of every host, in GB' },
  checkdisk: { type: 'bool', description: 'Whether disks are checked before anything is installed' },
  adduser: { type: 'bool', description: 'Whether the user is made where it is missing' },
  user: { type: 'string', description: 'User that the components run as' },
  password: { type: 'string', description: 'Password of that user', sensitive: true },
  root: { type: 'string', description: "The hosts' root password, the same on all", sensitive: true },
};
