import { describe, expect, it } from 'vitest';
import type { ClusterReport } from '../../src/app/operate/cluster-report.ts';
import type { ClusterSource } from '../../src/app/operate/cluster-watch.ts';
import { createClusterPicture, type ClusterPicture } from '../../src/tui/cluster-picture.ts';
import { watchCluster } from '../../src/tui/cluster-view.tsx';
import type { ScreenSize } from '../../src/tui/frame.ts';
import { widthOf } from '../../src/terminal/width.ts';
import { demoReport } from './demo-cluster.ts';
import { fakeTerminal, until } from './fake-terminal.ts';

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 200, rows: 50 };
const TIME = Date.UTC(2026, 10, 20, 12);

function pictureOf(report: ClusterReport | null, now = TIME + 1000): ClusterPicture & { did: string[] } {
  const did: string[] = [];
  const picture = createClusterPicture({
    color: false,
    clock: () => now,
    onQuit: () => did.push('quit'),
    onLook: () => did.push('look'),
    onOpen: (instance, signal) => {
      did.push(`open ${instance}`);
      signal.addEventListener('abort', () => did.push(`close ${instance}`));
    },
  });
  if (report !== null) picture.take({ type: 'looked', report });
  return { ...picture, did };
}

function typed(picture: ClusterPicture, keys: readonly string[], size: ScreenSize = SMALL): string {
  picture.frame(size);
  for (const key of keys) picture.press(key, size);
  return picture.frame(size).join('\n');
}

/** The rows of instances in sight. */
function rowsOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^ [ ❯] [✔✖▲■≠?–] /.test(line));
}

describe('the table of a watched cluster', () => {
  it('shows five instances at 80x24 with state, figures, and why one does not run', () => {
    const frame = pictureOf(demoReport(5, 0, TIME)).frame(SMALL);
    const text = frame.join('\n');
    expect(frame.length).toBeLessThanOrEqual(24);
    expect(frame[0]).toMatch(/^ slipway {2}status {2}shop .* 1s ago $/);
    expect(frame[1]).toMatch(/\? 1 unreachable {3}▲ 1 degraded {3}✔ 3 running .* by component $/);
    expect(frame[2]).toMatch(/ADDRESS ▾ +STATE +SINCE +CPU% +MEM% +DISK% +RST/);
    expect(text).toMatch(/ ❯ ✔ 10\.10\.100\.0 +running +1h +0\.0 +0\.3 +0\.0 +0/);
    expect(text).toMatch(/ {3}\? 10\.10\.100\.4 +unreachable {2}no route to host/);
    expect(text).toMatch(
      /─\n \? nats@10\.10\.100\.4: no route to host 10\.10\.100\.4 port 22 \(connect timed/,
    );
  });

  it('has room for more on a wide screen: memory, the load of hosts, versions, names', () => {
    const text = pictureOf(demoReport(500, 0, TIME))
      .frame(LARGE)
      .join('\n');
    expect(text).toMatch(/MEM% +MEMORY +DISK% +HOST CPU% +HOST MEM% +RST +VERSION +HOST/);
    expect(rowsOf(text).length).toBeGreaterThan(38);
  });

  it('fills no line beyond the screen, whatever its size', () => {
    const picture = pictureOf(demoReport(60, 0, TIME));
    for (const size of [
      SMALL,
      LARGE,
      { columns: 120, rows: 30 },
      { columns: 40, rows: 10 },
      { columns: 20, rows: 6 },
    ])
      for (const key of ['', '/', 'enter', 'enter', 'tab', 'tab', 'q', '?', 'x']) {
        if (key !== '') picture.press(key, size);
        const frame = picture.frame(size);
        expect(frame.length).toBeLessThanOrEqual(size.rows);
        for (const line of frame) expect(widthOf(line), line).toBeLessThanOrEqual(size.columns);
      }
  });

  it('says how old it is while a look takes long, and keeps the last when one fails', () => {
    const picture = pictureOf(demoReport(5, 0, TIME), TIME + 95_000);
    picture.take({ type: 'look-started', time: TIME + 83_000 });
    expect(picture.frame(SMALL)[0]).toContain('looking for 12 s; this is 1m old');
    picture.take({ type: 'look-failed', message: 'The state file cannot be read: EIO' });
    const frame = picture.frame(SMALL);
    expect(frame[0]).toContain('cannot look; this is 1m old');
    expect(frame[1]).toBe(' The state file cannot be read: EIO');
    expect(rowsOf(frame.join('\n'))).toHaveLength(5);
  });

  it('begins with nothing, and says so', () => {
    expect(pictureOf(null).frame(SMALL).join('\n')).toContain('Looking at the cluster.');
    expect(
      pictureOf({ ...demoReport(0), time: TIME })
        .frame(SMALL)
        .join('\n'),
    ).toContain('No instances.');
  });

  it('prints nothing of a host that a terminal would obey', () => {
    const report = demoReport(8, 0, TIME);
    const text = pictureOf(report).frame(LARGE).join('\n');
    expect(report.instances[7]?.detail).toContain('\u001b[31m');
    expect(text).toContain('app.service has failed: exit status 3');
    expect(text).not.toContain('\u001b');
  });

  it('tells wanted rest from trouble', () => {
    const report = demoReport(12, 0, TIME);
    expect(pictureOf(report).frame(LARGE).join('\n')).toMatch(/ – 10\.10\.100\.11 +stopped/);
    const instances = report.instances.map((instance) => ({ ...instance, stoppedByUser: false }));
    expect(
      pictureOf({ ...report, instances })
        .frame(LARGE)
        .join('\n'),
    ).toMatch(/ ■ 10\.10\.100\.11 +stopped/);
  });
});

describe('the keys of a watched cluster', () => {
  it('sort by component, condition, CPU and memory in turn', () => {
    const picture = pictureOf(demoReport(29, 0, TIME));
    const byCondition = typed(picture, ['s']);
    expect(byCondition).toContain('STATE▾');
    expect(rowsOf(byCondition).map((line) => line[3])).toEqual(
      [...'✖??▲▲≠–✔✔✔✔✔✔✔✔✔✔✔'].slice(0, rowsOf(byCondition).length),
    );
    expect(rowsOf(typed(picture, ['s']))[0]).toContain('nats@10.10.100.28');
    expect(rowsOf(typed(picture, ['s']))[0]).toContain('nats@10.10.100.28');
    expect(typed(picture, ['s'])).toContain('ADDRESS ▾');
  });

  it('filter by words, by what does not run, and show all again', () => {
    const picture = pictureOf(demoReport(29, 0, TIME));
    const filtered = typed(picture, ['/', ...'NATS failed']);
    expect(filtered).toContain(' /NATS failed ');
    expect(rowsOf(filtered)).toEqual([]);
    expect(filtered).toContain('Nothing here matches "NATS failed"');
    expect(rowsOf(typed(picture, Array<string>(6).fill('backspace')))).toHaveLength(9);
    typed(picture, ['enter', 's']);
    expect(rowsOf(typed(picture, ['f'])).every((line) => line.includes('nats@'))).toBe(true);
    expect(rowsOf(typed(picture, ['escape'])).length).toBeGreaterThan(10);
    expect(picture.did).toEqual([]);
  });

  it('keep the selected instance selected when its place changes, and the first place otherwise', () => {
    const picture = pictureOf(demoReport(29, 0, TIME));
    expect(typed(picture, ['s', 's'])).toContain('❯ ✔ nats@10.10.100.28');
    const selected = typed(picture, ['down']);
    expect(selected).toMatch(/❯ \S nats@10\.10\.100\.26/);
    const report = demoReport(29, 0, TIME);
    const turned = report.instances.map((instance, i) => ({ ...instance, cpuPercent: 100 - i }));
    picture.take({ type: 'looked', report: { ...report, instances: turned } });
    const text = picture.frame(SMALL).join('\n');
    expect(text).toMatch(/❯ \S nats@10\.10\.100\.26/);
    expect(rowsOf(typed(picture, ['home']))[0]).toMatch(/❯ \S api@10\.10\.100\.0/);
    picture.take({ type: 'looked', report });
    expect(rowsOf(picture.frame(SMALL).join('\n'))[0]).toMatch(/❯ \S nats@10\.10\.100\.28/);
  });

  it('move to the end, page by page, with the component on top', () => {
    const picture = pictureOf(demoReport(500, 0, TIME));
    expect(typed(picture, ['end'])).toContain('❯ ✔ 10.10.101.243');
    expect(picture.frame(SMALL)[3]).toMatch(/^ nats {2}166 instances/);
    expect(typed(picture, ['pageup', 'pagedown', 'home'])).toContain('❯ ✔ 10.10.100.0 ');
    expect(picture.frame(SMALL)[3]).toMatch(/^ api {2}167 instances/);
  });

  it('look again now, and quit', () => {
    const picture = pictureOf(demoReport(5, 0, TIME));
    typed(picture, ['r', 'q', 'ctrl-c']);
    expect(picture.did).toEqual(['look', 'quit', 'quit']);
  });
});

describe('one instance of a watched cluster', () => {
  const opened = (size: ScreenSize = SMALL): ReturnType<typeof pictureOf> => {
    const picture = pictureOf(demoReport(5, 0, TIME));
    typed(picture, ['down', 'enter'], size);
    picture.take({
      type: 'last-run',
      instance: 'api@10.10.100.1',
      run: {
        run: '20261120-1203-k3f',
        operation: 'apply',
        owner: 'ann@ops-1',
        startedAt: TIME - 7_200_000,
        finishedAt: TIME - 7_190_000,
        outcome: 'failed',
        logPath: '.slipway/runs/20261120-1203-k3f/api_1.log',
      },
    });
    return picture;
  };

  it('shows use, services, checks, endpoints, last run, and follows the log', () => {
    const picture = opened();
    const lines = Array.from({ length: 30 }, (_, i) => `GET /${i} \u001b[32m200\u001b[0m`);
    picture.take({ type: 'log-lines', instance: 'api@10.10.100.1', lines });
    const text = picture.frame(SMALL).join('\n');
    expect(text).toMatch(/▲ api@10\.10\.100\.1 {2}degraded for 2h +2\.9\.1-1/);
    expect(text).toMatch(/uses +CPU 3\.7 % {3}memory 5\.7 MiB, 1\.3 % of its host's/);
    expect(text).toMatch(/services +✔ service\.app {2}running {2}for 1h, pid 4001, app\.service/);
    expect(text).toMatch(/checks +✔ answers\n +✖ ready {2}http:\/\/10\.10\.100\.1:8080\/ready answered 503/);
    expect(text).toMatch(/endpoints +client {2}10\.10\.100\.1:4222/);
    expect(text).toMatch(/last run +20261120-1203-k3f {2}apply failed in 10 s, 2h ago, by ann@ops-1/);
    expect(text).toContain('── log, following ─');
    expect(text).toContain(' GET /29 200\n');
  });

  it('stays where one reads while lines come, and follows again at the end', () => {
    const picture = opened();
    const take = (from: number, to: number): void =>
      picture.take({
        type: 'log-lines',
        instance: 'api@10.10.100.1',
        lines: Array.from({ length: to - from }, (_, i) => `line ${from + i};`),
      });
    take(0, 100);
    const before = typed(picture, ['tab', 'tab', 'pageup']);
    expect(before).toContain('line 61;');
    take(100, 150);
    expect(picture.frame(SMALL).join('\n')).toContain('line 61;');
    expect(picture.frame(SMALL).join('\n')).toMatch(/── log, \d+ lines below ─/);
    expect(typed(picture, ['end'])).toContain('line 149;');
  });

  it('says where a log ends', () => {
    const picture = opened();
    picture.take({ type: 'log-ended', instance: 'api@10.10.100.1', why: 'it has none' });
    expect(picture.frame(SMALL).join('\n')).toContain('── log, it has none ─');
  });

  it('is closed for the next one, and its late lines are nothing', () => {
    const picture = opened();
    expect(typed(picture, ['n'])).toContain('edge-balancer@10.10.100.2');
    picture.take({ type: 'log-lines', instance: 'api@10.10.100.1', lines: ['late'] });
    expect(picture.frame(SMALL).join('\n')).not.toContain('late');
    expect(typed(picture, ['escape'])).toContain('❯ ✔ 10.10.100.2');
    expect(picture.did).toEqual([
      'open api@10.10.100.1',
      'close api@10.10.100.1',
      'open edge-balancer@10.10.100.2',
      'close edge-balancer@10.10.100.2',
    ]);
  });

  it('says when it is gone', () => {
    const picture = opened();
    const report = demoReport(5, 0, TIME);
    picture.take({ type: 'looked', report: { ...report, instances: report.instances.slice(2) } });
    expect(picture.frame(SMALL).join('\n')).toContain('api@10.10.100.1 is no longer in the state');
  });
});

describe('watching', () => {
  const source = (change: Partial<ClusterSource>): ClusterSource => ({
    intervalMs: 20,
    look: () => Promise.resolve(demoReport(5)),
    logLines: () => null,
    lastRun: () => Promise.resolve(null),
    ...change,
  });

  it('looks again and again, hands each look the one before, and resolves to the last', async () => {
    const terminal = fakeTerminal(80, 24);
    const given: (number | null)[] = [];
    const look: ClusterSource['look'] = (previous) => {
      given.push(previous?.time ?? null);
      if (given.length === 2) return Promise.reject(new Error('EIO'));
      return Promise.resolve({ ...demoReport(5), time: given.length });
    };
    const watched = watchCluster(source({ look }), { ...terminal, color: false });
    await until(terminal, () => given.length >= 4);
    terminal.type('q');
    const last = await watched;
    expect(given.slice(0, 4)).toEqual([null, 1, 1, 3]);
    expect(last?.time).toBe(given.length);
    expect(terminal.text().endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
  });

  it('waits for no look that hangs when one quits, and tells it', async () => {
    const terminal = fakeTerminal(80, 24);
    let told: AbortSignal | undefined;
    const look: ClusterSource['look'] = (_, signal) => {
      told = signal;
      return new Promise(() => undefined);
    };
    const watched = watchCluster(source({ look }), { ...terminal, color: false });
    await until(terminal, () => terminal.screen().join('\n').includes('Looking at the cluster'));
    terminal.type('\u0003');
    expect(await watched).toBeNull();
    expect(told?.aborted).toBe(true);
  });

  it('ends when it is told to stop', async () => {
    const terminal = fakeTerminal(80, 24);
    const stopping = new AbortController();
    const watched = watchCluster(source({}), { ...terminal, color: false, stopping: stopping.signal });
    await until(terminal, () => terminal.screen().join('\n').includes('running'));
    stopping.abort();
    expect((await watched)?.instances).toHaveLength(5);
  });

  it('looks at once when asked, and follows the log of what is opened until it is closed', async () => {
    const terminal = fakeTerminal(80, 24);
    let looks = 0;
    let closed = false;
    const watched = watchCluster(
      source({
        intervalMs: 60_000,
        look: () => Promise.resolve(demoReport(5, looks++)),
        async *logLines(instance, signal) {
          yield `hello from ${instance}`;
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          closed = true;
        },
      }),
      { ...terminal, color: false },
    );
    await until(terminal, () => terminal.screen().join('\n').includes('10.10.100.0'));
    terminal.type('r');
    await until(terminal, () => looks === 2);
    terminal.type('\r');
    await until(terminal, () => terminal.screen().join('\n').includes('hello from api@10.10.100.0'));
    terminal.type('q');
    await until(terminal, () => closed);
    terminal.type('q');
    await watched;
  });
});
