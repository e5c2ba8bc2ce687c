import type { Provider } from '../../src/host/connection.ts';

export interface LocalSettings {
  /** Canonical loopback address: 127/8 or ::1. */
  readonly host: string;
}

/** Hosts that are loopback addresses of this machine, worked on without root; their things lie in `<workingDirectory>/.slipway/hosts/ADDRESS`. */
export function localProvider(_workingDirectory: string): Provider<LocalSettings> {
  throw new Error('not written yet');
}
