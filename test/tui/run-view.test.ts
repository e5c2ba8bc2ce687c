import { describe, expect, it } from 'vitest';
import { createRunPicture, startRunView } from '../../src/tui/run-view.tsx';
import { widthOf } from '../../src/terminal/width.ts';
import { demoEvents } from './demo-events.ts';
import { fakeTerminal, until } from './fake-terminal.ts';

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 200, rows: 50 };

/** The picture of a run of so many instances, `untilMs` after its start. */
function pictureOf(instances: number, untilMs = Infinity, clock = () => Math.min(untilMs, 60_000)) {
  const interrupts: string[] = [];
  const picture = createRunPicture({ color: false, onInterrupt: () => interrupts.push('!'), clock });
  for (const { atMs, event } of demoEvents(instances)) if (atMs <= untilMs) picture.take(event(atMs));
  return { ...picture, interrupts };
}

describe('the live view of a run', () => {
  it('shows five instances at 80x24 with the failure, its cause and its log', () => {
    const frame = pictureOf(5).frame(SMALL);
    const text = frame.join('\n');
    expect(frame.length).toBeLessThanOrEqual(24);
    for (const host of ['10.10.100.0', '10.10.100.1', '10.10.100.2', '10.10.100.4'])
      expect(text).toContain(host);
    expect(text).toContain('✖ api@2001:db8:85a3:8d3:1319:8a2e:370:1b5b failed at service.app');
    expect(text).toContain('| bind: address already in use');
    expect(text).toContain('log: .slipway/runs/20261120-1203-k3f/api_3.log');
    expect(text).toContain('✔ 4 done');
  });

  it('fills no line beyond the screen, whatever its size', () => {
    const picture = pictureOf(60, 3000);
    for (const size of [SMALL, LARGE, { columns: 40, rows: 10 }, { columns: 20, rows: 6 }]) {
      const frame = picture.frame(size);
      expect(frame.length).toBeLessThanOrEqual(size.rows);
      for (const line of frame) expect(widthOf(line), line).toBeLessThanOrEqual(size.columns);
    }
  });

  it('shows what each instance is doing now', () => {
    const text = pictureOf(5, 900).frame(LARGE).join('\n');
    expect(text).toMatch(/● 10\.10\.100\.0 +installing +0 s {3}user\.app {2}Setting up user\.app/);
  });

  it('follows the work through 500 instances, with the component on top', () => {
    const frame = pictureOf(500, 9000).frame(LARGE);
    const text = frame.join('\n');
    expect(text).toContain('●');
    expect(frame[4]).toMatch(/^ api {2}167 instances/);
  });

  it('filters failures and back', () => {
    const picture = pictureOf(500);
    picture.press('f', LARGE);
    const rows = picture.frame(LARGE).filter((line) => /^ {3}[✔●○✖–] /.test(line));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toContain('failed');
    picture.press('f', LARGE);
    expect(picture.frame(LARGE).filter((line) => /^ {3}[✔●○✖–] /.test(line)).length).toBeGreaterThan(20);
  });

  it('moves to the end and to the start', () => {
    const picture = pictureOf(500);
    picture.frame(SMALL);
    picture.press('G', SMALL);
    expect(picture.frame(SMALL).join('\n')).toMatch(/ ❯ . 10\.10\.101\.243/);
    picture.press('g', SMALL);
    expect(picture.frame(SMALL).join('\n')).toMatch(/ nats {2}167 instances.*\n ❯ . 10\.10\.100\.0 /);
    picture.press('pagedown', SMALL);
    picture.press('down', SMALL);
    expect(picture.frame(SMALL).join('\n')).toContain('❯');
  });

  it("follows a selected instance's output and comes back", () => {
    const picture = pictureOf(5, 900);
    picture.frame(SMALL);
    picture.press('down', SMALL);
    picture.press('enter', SMALL);
    const log = picture.frame(SMALL).join('\n');
    expect(log).toContain('● nats@10.10.100.0  installing');
    expect(log).toContain('Setting up user.app (2.9.0-1) on 10.10.100.0');
    picture.press('q', SMALL);
    expect(picture.frame(SMALL).join('\n')).toContain('f failures');
  });

  it('passes Ctrl-C on, and says what stopping means', () => {
    const picture = pictureOf(5, 900);
    picture.press('ctrl-c', SMALL);
    expect(picture.interrupts).toEqual(['!']);
    picture.take({ time: 1000, type: 'stopping', mode: 'graceful' });
    expect(picture.frame(SMALL).at(-1)).toContain('finishes what is in flight; Ctrl-C again stops at once');
  });

  it('draws on the other screen, takes keys, follows a resize, and leaves a summary on the normal one', async () => {
    const terminal = fakeTerminal(80, 24);
    let interrupts = 0;
    const view = startRunView({
      stdin: terminal.stdin,
      stdout: terminal.stdout,
      color: false,
      onInterrupt: () => interrupts++,
    });
    const now = Date.now();
    for (const { event } of demoEvents(5)) view.onEvent(event(now));
    await until(terminal, () => terminal.screen().join('\n').includes('✖ 1 failed'));
    terminal.type('?');
    await until(terminal, () => terminal.screen().join('\n').includes('any key goes back'));
    terminal.type('\u0003');
    await until(terminal, () => interrupts === 1);
    terminal.type('q');
    terminal.resize(40, 12);
    await until(
      terminal,
      () => terminal.screen().length > 0 && terminal.screen().every((line) => widthOf(line) <= 40),
    );
    await view.finish();
    const [, rest = ''] = terminal.text().split('\u001b[?1049l');
    expect(rest).toContain('failed at service.app');
    expect(rest.trimEnd().split('\n').at(-1)).toMatch(/^Run failed: 3 installed, 1 updated, 1 failed in/);
  });
});
