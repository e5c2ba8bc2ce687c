import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localProvider } from '../../../providers/local/local.ts';
import { HostError, type Connection } from '../../../src/host/connection.ts';
import { openLogServer } from '../../../src/host/log-server.ts';
import { followFiles } from '../../../src/app/operate/follow-files.ts';
import { trackSource } from '../../../src/app/operate/track-files.ts';
import { SHELLS, useShell } from '../../host/shells.ts';
import { until } from '../../host/workplace.ts';

let directory: string;
let log: string;
let follower: Follower | null;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'slipway-follow-'));
  log = path.join(directory, 'app.log');
  follower = null;
});
afterEach(async () => {
  await follower?.end();
  rmSync(directory, { recursive: true, force: true });
});

interface Follower {
  readonly lines: string[];
  readonly notices: string[];
  /** Breaks the connection, and stays away until `heal`. */
  cut(): Promise<void>;
  heal(): void;
  /** Waits until these lines came, and nothing else. */
  gets(...lines: string[]): Promise<void>;
  end(): Promise<void>;
}

/** Follows a pattern of the local host, with connections that can be cut. */
function follow(pattern: string, lines = 10): Follower {
  const over = new AbortController();
  const provider = localProvider(directory);
  const got: string[] = [];
  const notices: string[] = [];
  let connection: Connection | null = null;
  let isCut = false;
  const tracking = trackSource(0);
  const running = (async () => {
    while (!over.signal.aborted) {
      if (isCut) {
        await sleep(10);
        continue;
      }
      connection = await provider.connect({ host: '127.0.1.1' }, {});
      const server = await openLogServer(connection);
      await followFiles(server, [tracking], {
        patternOf: () => pattern,
        lines,
        sinceMs: null,
        intervalMs: 20,
        signal: over.signal,
        clock: Date.now,
        onLine: (_source, _file, line) => void got.push(line.toString()),
        onNotice: (text) => void notices.push(text),
      }).catch((error: unknown) => {
        if (!(error instanceof HostError)) throw error;
      });
      server.close();
    }
  })();
  return {
    lines: got,
    notices,
    async cut() {
      isCut = true;
      await connection?.close();
    },
    heal: () => (isCut = false),
    async gets(...expected) {
      await until(() => got.length >= expected.length, `${expected.join()} in ${got.join()}`, 15_000).catch(
        () => undefined,
      );
      await sleep(60);
      expect(got).toEqual(expected);
    },
    async end() {
      over.abort();
      await running;
      await connection?.close();
    },
  };
}

const write = (...lines: string[]): void => appendFileSync(log, lines.map((line) => `${line}\n`).join(''));

describe.each(SHELLS)('following a file with %s', (shell) => {
  useShell(shell);

  it('begins with the last lines, and holds back what has no end yet', async () => {
    write('1', '2', '3');
    follower = follow(log, 2);
    await follower.gets('2', '3');
    appendFileSync(log, '4\nhal');
    await follower.gets('2', '3', '4');
    appendFileSync(log, 'f\n');
    await follower.gets('2', '3', '4', 'half');
  });

  it('reads a file that is moved away to its end, though it is gone the next moment, then the new one', async () => {
    write('1');
    follower = follow(log);
    await follower.gets('1');
    write('2');
    renameSync(log, `${log}.1`);
    appendFileSync(`${log}.1`, '3\n');
    unlinkSync(`${log}.1`);
    write('4');
    await follower.gets('1', '2', '3', '4');
  });

  it('goes on with a file that was copied and cut off', async () => {
    write('1', '2');
    follower = follow(`${directory}/app.log*`);
    await follower.gets('1', '2');
    copyFileSync(log, `${log}.1`);
    await sleep(60);
    truncateSync(log);
    write('3');
    await follower.gets('1', '2', '3');
  });

  it('knows a copy of the file also where another was moved away just before', async () => {
    write('1');
    follower = follow(log);
    await follower.gets('1');
    renameSync(log, `${log}.1`);
    write('2');
    await follower.gets('1', '2');
    copyFileSync(log, `${log}.2`);
    await follower.gets('1', '2');
    truncateSync(log);
    write('3', '4');
    await follower.gets('1', '2', '3', '4');
  });

  it('loses and repeats nothing when the connection is lost and the file is rotated twice meanwhile', async () => {
    write('1');
    follower = follow(log);
    await follower.gets('1');
    await follower.cut();
    write('2');
    renameSync(log, `${log}.1`);
    write('3');
    renameSync(`${log}.1`, `${log}.2`);
    renameSync(log, `${log}.1`);
    write('4');
    follower.heal();
    await follower.gets('1', '2', '3', '4');
    write('5');
    await follower.gets('1', '2', '3', '4', '5');
    expect(follower.notices).toEqual([]);
  });

  it('finds what was copied and cut off while the connection was lost', async () => {
    write('first of all', '2');
    follower = follow(log);
    await follower.gets('first of all', '2');
    await follower.cut();
    write('3');
    copyFileSync(log, `${log}-20260102`);
    truncateSync(log);
    write('4');
    follower.heal();
    await follower.gets('first of all', '2', '3', '4');
  });

  it('finds it in a copy that is overwritten each time', async () => {
    write('the first');
    copyFileSync(log, `${log}.1`);
    follower = follow(log);
    await follower.gets('the first');
    await follower.cut();
    write('2');
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    write('3');
    follower.heal();
    await follower.gets('the first', '2', '3');
  });

  it('finds that copy also when everything was moved on since', async () => {
    write('first of all', '2');
    follower = follow(log);
    await follower.gets('first of all', '2');
    await follower.cut();
    write('3');
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    write('4');
    renameSync(`${log}.1`, `${log}.2`);
    renameSync(log, `${log}.1`);
    write('5');
    follower.heal();
    await follower.gets('first of all', '2', '3', '4', '5');
  });

  it('sees that a file was written anew though it is longer than before', async () => {
    write('1');
    follower = follow(log);
    await follower.gets('1');
    await follower.cut();
    writeFileSync(log, 'another file\nwith two lines\n');
    follower.heal();
    await follower.gets('1', 'another file', 'with two lines');
  });

  it('follows files that appear later, from their beginning, and passes over what is compressed', async () => {
    follower = follow(`${directory}/*.log*`);
    await sleep(100);
    writeFileSync(`${directory}/new one.log`, 'hello\n');
    writeFileSync(`${directory}/old.log.1.gz`, 'no text\n');
    await follower.gets('hello');
  });

  it('cuts a line that is too long, and reads a large file at once', async () => {
    write('first');
    follower = follow(log);
    await follower.gets('first');
    const many = Array.from({ length: 40_000 }, (_, n) => `line ${n} ${'x'.repeat(80)}`);
    write('y'.repeat(200_000), ...many);
    await until(() => follower?.lines.length === 40_002, 'all lines', 15_000);
    expect(follower.lines[1]).toHaveLength(64 * 1024);
    expect(follower.lines[1]?.endsWith('y [cut]')).toBe(true);
    expect(follower.lines.slice(2)).toEqual(many);
  });
});

describe('following files', () => {
  it('knows a file again whose file system got another number', async () => {
    const { renumberDevices, reconcile, resume } = await import('../../../src/app/operate/track-files.ts');
    const { parseInventory } = await import('../../../src/host/log-inventory.ts');
    const tracking = trackSource(0);
    const look = (text: string) => parseInventory(text);
    const asked = new Set(['41:7', '52:7']);
    const [begin] = reconcile(
      tracking,
      look('=0 /v/a.log\n41:7 5 1 8180 /v/a.log\n41:9 5 1 8180 /v/a.log.1'),
      asked,
      0,
    );
    expect(begin).toMatchObject({ do: 'begin' });
    const [file] = tracking.files.values();
    if (file === undefined) throw new Error('nothing is followed');
    file.offset = 5;
    file.isPlaced = true;
    resume(tracking);
    const later = look('=0 /v/a.log\n52:7 8 1 8180 /v/a.log\n52:9 5 1 8180 /v/a.log.1');
    renumberDevices(tracking, later);
    expect(reconcile(tracking, later, asked, 0)).toMatchObject([{ do: 'read', file: { offset: 5 } }]);
  });
});
