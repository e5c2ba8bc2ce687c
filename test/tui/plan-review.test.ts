import { describe, expect, it } from 'vitest';
import { planView, type PlanView } from '../../src/plan/view.ts';
import { widthOf } from '../../src/terminal/width.ts';
import { createReviewPicture, reviewPlan } from '../../src/tui/plan-review.tsx';
import { create, file, install, planOf, samplePlan } from '../plan/sample-plan.ts';
import { fakeTerminal, until } from './fake-terminal.ts';

const SIZE = { columns: 80, rows: 24 };

function review(view: PlanView) {
  const decisions: string[] = [];
  const picture = createReviewPicture(view, { color: false, decide: (decision) => decisions.push(decision) });
  const press = (...keys: readonly string[]): string => {
    for (const key of keys) picture.press(key, SIZE);
    return picture.frame(SIZE).join('\n');
  };
  return { press, decisions, frame: picture.frame };
}

describe('the review of a plan', () => {
  it('keeps the summary, what is removed and what restarts in sight', () => {
    const { press } = review(planView(samplePlan(), []));
    for (const text of [press(), press('G'), press('a')]) {
      expect(text).toContain('Plan: 1 to install, 1 to update, 1 to remove; 1 restart.');
      expect(text).toMatch(/removes +bus@10\.10\.101\.190/);
      expect(text).toMatch(/restarts +service\.api of api@10\.10\.101\.190/);
    }
  });

  it('applies only after a question', () => {
    const { press, decisions } = review(planView(samplePlan(), []));
    expect(press('a')).toContain('Apply this plan?');
    expect(decisions).toEqual([]);
    press('n');
    expect(decisions).toEqual([]);
    press('a', 'y');
    expect(decisions).toEqual(['approved']);
  });

  it.each(['q', 'escape', 'ctrl-c'])('cancels with %s', (key) => {
    const { press, decisions } = review(planView(samplePlan(), []));
    press(key);
    expect(decisions).toEqual(['rejected']);
  });

  it('opens the text of a new file on demand, and closes it', () => {
    const { press } = review(planView(samplePlan(), []));
    expect(press()).not.toContain('+port: 4222');
    expect(press('/', ...'nats.conf', 'enter')).toMatch(/❯▸ .*file\.config/);
    expect(press('right')).toContain('+port: 4222');
    expect(press('left')).not.toContain('+port: 4222');
  });

  it('closes a host and goes back up', () => {
    const { press } = review(planView(samplePlan(), []));
    expect(press('g', 'left')).not.toContain('install nats@');
    expect(press('right')).toContain('install nats@');
    expect(press('c')).not.toContain('mode: 0644');
    expect(press('e', 'G')).toContain('Order: nats, then api');
  });

  it('finds text in what is closed', () => {
    const { press } = review(planView(samplePlan(), []));
    press('c');
    expect(press('/', ...'workers', 'enter')).toContain('1 of 1 with "workers"');
    expect(press('/', ...'no such thing', 'enter')).toContain('is not in the plan');
  });

  it('folds instances of a large plan and stays within the screen', () => {
    const text = 'key = value\n'.repeat(40);
    const changes = Array.from({ length: 200 }, (_, i) =>
      install('api', `10.0.${i >> 7}.${i & 127}`, [create(file('config', '/etc/api.conf', text))]),
    );
    const { press, frame } = review(planView(planOf(changes), []));
    expect(press()).not.toContain('file.config');
    for (const size of [SIZE, { columns: 200, rows: 50 }, { columns: 30, rows: 8 }]) {
      const lines = frame(size);
      expect(lines.length).toBeLessThanOrEqual(size.rows);
      for (const line of lines) expect(widthOf(line), line).toBeLessThanOrEqual(size.columns);
    }
  });

  it('works on a terminal', async () => {
    const terminal = fakeTerminal(80, 24);
    const { stdin, stdout } = terminal;
    const decision = reviewPlan(planView(samplePlan(), []), { stdin, stdout, color: true });
    await until(terminal, () => terminal.screen().join('\n').includes('install nats@10.10.101.182'));
    terminal.type('a');
    await until(terminal, () => terminal.screen().join('\n').includes('Apply this plan?'));
    terminal.type('y');
    expect(await decision).toBe('approved');
    expect(terminal.text()).toContain('\u001b[?1049l');
  });
});
