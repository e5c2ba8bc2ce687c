import { ownApi } from './api/api.ts';
import { engineApi } from './engine/engine.ts';
import { webPage } from './page/page.ts';
import type { ServerPlugin } from './plugin.ts';

/** All groups of routes, in the order registered. */
export const PLUGINS: readonly ServerPlugin[] = [ownApi, engineApi, webPage];
