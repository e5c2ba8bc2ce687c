import { createRunPicture } from '../src/tui/run-view.tsx';
import { openScreen, type Picture } from '../src/tui/screen.tsx';
import { demoEvents } from '../test/tui/demo-events.ts';
import { fakeTerminal } from '../test/tui/fake-terminal.ts';

/**
 * What a frame of the live run costs, from the events that wait for it to the bytes for the terminal. In processor time:
 * that of the clock says as much of what else runs on the machine.
 */
const LIMIT_MS = 10;
const ROUNDS = 60;

interface Figures {
  readonly medianMs: number;
  readonly worstMs: number;
  readonly bytes: number;
}

async function measure(instances: number, columns: number, rows: number): Promise<Figures> {
  const picture = createRunPicture({ color: true, onInterrupt: () => undefined, clock: Date.now });
  let started: NodeJS.CpuUsage | null = null;
  const timed: Picture = {
    frame(size) {
      started = process.cpuUsage();
      return picture.frame(size);
    },
    press: picture.press,
  };
  const times: number[] = [];
  const bytes: number[] = [];
  const { stdin, stdout } = fakeTerminal(columns, rows, (text) => {
    if (started === null) return;
    const { user, system } = process.cpuUsage(started);
    times.push((user + system) / 1000);
    bytes.push(Buffer.byteLength(text));
    started = null;
  });
  const screen = openScreen(timed, { stdin, stdout, color: true });
  const events = demoEvents(instances);
  const batch = Math.ceil(events.length / ROUNDS);
  const time = Date.now();
  for (let at = 0; at < events.length; at += batch) {
    for (const { event } of events.slice(at, at + batch)) picture.take(event(time));
    screen.redraw();
    await new Promise((resolve) => setTimeout(resolve, 110));
  }
  await screen.close();
  // The first frames pay for the compiler.
  const steady = times.slice(10).sort((a, b) => a - b);
  return {
    medianMs: steady[Math.floor(steady.length / 2)] ?? NaN,
    worstMs: steady.at(-1) ?? NaN,
    bytes: Math.round(bytes.slice(10).reduce((sum, size) => sum + size, 0) / Math.max(1, steady.length)),
  };
}

console.log('| instances | screen | median frame (CPU) | worst frame (CPU) | bytes sent |');
console.log('| --- | --- | --- | --- | --- |');
for (const [instances, columns, rows] of [
  [5, 80, 24],
  [500, 200, 50],
  [10_000, 200, 50],
] as const) {
  const { medianMs, worstMs, bytes } = await measure(instances, columns, rows);
  console.log(
    `| ${instances} | ${columns}x${rows} | ${medianMs.toFixed(1)} ms | ${worstMs.toFixed(1)} ms | ${bytes} |`,
  );
  if (instances === 500 && medianMs > LIMIT_MS) {
    console.error(`A frame of 500 instances may take ${LIMIT_MS} ms.`);
    process.exitCode = 1;
  }
}
process.exit();
