import { bookkeepingBench } from './bookkeeping.ts';
import { hostsBench } from './hosts.ts';
import { planBench } from './planning.ts';
import { startBench } from './start.ts';
import { statusBench } from './status.ts';
import { transferBench } from './transfer.ts';
import { viewersBench } from './viewers.ts';

const HELP = `usage: node bench/run.mjs hosts [N] [REPS] [TOOL...]   workload W1 on N lab hosts (20), medians of REPS (3), tools side by side:
                                                   floor slipway terraform ansible (default: floor slipway)
       node bench/run.mjs transfer [REPS]          a 256 MiB file to 1 and 10 hosts, against ssh and scp
       node bench/run.mjs status [N] [REPS]        status of N hosts (20), medians of REPS (5), against a bare parallel ssh
       node bench/run.mjs viewers [N] [REPS]       a deploy through serve, watched by N viewers (200), medians of REPS (7)
       node bench/run.mjs planning                 plan and bookkeeping of 10,000 instances
       node bench/run.mjs start                    start-up of the command line
`;

export async function main([name = 'help', ...args]: readonly string[]): Promise<number> {
  switch (name) {
    case 'hosts':
      return hostsBench(Number(args[0] ?? 20), Number(args[1] ?? 3), args.slice(2));
    case 'transfer':
      return transferBench(Number(args[0] ?? 3));
    case 'status':
      return statusBench(Number(args[0] ?? 20), Number(args[1] ?? 5));
    case 'viewers':
      return viewersBench(Number(args[0] ?? 200), Number(args[1] ?? 7));
    case 'planning':
      return (await planBench()) || (await bookkeepingBench());
    case 'start':
      return startBench(Number(args[0] ?? 11));
    default:
      process.stdout.write(HELP);
      return name === 'help' ? 0 : 1;
  }
}
