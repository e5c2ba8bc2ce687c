import path from 'node:path';

/** Where slipway keeps its own things in a working directory. */
export interface ProjectPaths {
  readonly directory: string;
  /** `.slipway` */
  readonly own: string;
  readonly runs: string;
  readonly history: string;
  readonly key: string;
  /** Archives fetched from URLs, by digest. */
  readonly archives: string;
  /** Digests of large source files: a cache. */
  readonly digests: string;
}

export function projectPaths(directory: string): ProjectPaths {
  const own = path.join(directory, '.slipway');
  return {
    directory,
    own,
    runs: path.join(own, 'runs'),
    history: path.join(own, 'history'),
    key: path.join(own, 'key'),
    archives: path.join(own, 'archives'),
    digests: path.join(own, 'digests'),
  };
}
