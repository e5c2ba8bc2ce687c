import { ownApi } from './api/api.ts';
import type { ServerPlugin } from './plugin.ts';

/** All groups of routes, in the order registered. */
export const PLUGINS: readonly ServerPlugin[] = [ownApi];
