import { version } from './version.ts';

if (process.argv.includes('--version')) console.log(`slipway ${version}`);
