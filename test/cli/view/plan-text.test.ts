import { describe, expect, it } from 'vitest';
import { renderPlan, type PlanTextOptions } from '../../../src/cli/view/plan-text.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { planView } from '../../../src/plan/view.ts';
import {
  create,
  directory,
  file,
  install,
  planOf,
  removal,
  remove,
  samplePlan,
  SECRET,
  service,
  unchanged,
  update,
} from '../../plan/sample-plan.ts';

const render = (plan: Plan, options: Partial<PlanTextOptions> = {}): string =>
  renderPlan(planView(plan, []), { color: false, width: 80, ...options });

const golden = (name: string): string => `../../golden/view/${name}.txt`;

describe('the text of a plan', () => {
  it('shows per host what is installed, updated and removed, and why', async () => {
    await expect(render(samplePlan())).toMatchFileSnapshot(golden('plan'));
  });

  it('shows texts of new files and what stays when it is verbose', async () => {
    await expect(render(samplePlan(), { verbose: true, showUnchanged: true })).toMatchFileSnapshot(
      golden('plan-verbose'),
    );
  });

  it('stays readable at 60 columns', async () => {
    const text = render(samplePlan(), { width: 60 });
    await expect(text).toMatchFileSnapshot(golden('plan-narrow'));
  });

  it('names drift, conflicts, restored things and replacements', async () => {
    await expect(render(driftPlan())).toMatchFileSnapshot(golden('plan-drift'));
  });

  it('tells hosts with the same change as one, and all of them when it is verbose', async () => {
    const changes = Array.from({ length: 96 }, (_, i) => {
      const host = `10.0.0.${i + 1}`;
      return install('api', host, [
        create(file('config', '/etc/api.conf', `listen = ${host}\n`)),
        create(service('api')),
      ]);
    });
    const odd = install('api', '10.0.1.1', [create(directory('data', '/data'))]);
    const plan = planOf([...changes, odd]);
    await expect(render(plan)).toMatchFileSnapshot(golden('plan-many-hosts'));
    expect(render(plan, { verbose: true })).toContain('+ install api@10.0.0.50');
  });

  it('says so when nothing changes', () => {
    const plan = planOf([
      unchanged('api', '10.0.0.1'),
      unchanged('nats', '10.0.0.1'),
      unchanged('nats', '10.0.0.2'),
    ]);
    expect(render(plan)).toBe('No changes. 3 instances on 2 hosts are as the spec wants them.\n');
    expect(render(planOf([], { mode: 'destroy' }))).toBe('No changes. There is nothing to remove.\n');
  });

  it('warns that hosts were not asked', () => {
    expect(render(planOf([unchanged('api', 'h')], { refreshed: false }))).toMatch(
      /^The hosts were not asked \(--refresh=false\)/,
    );
  });

  it('never prints a secret, an escape sequence from a host, or a colour that was not asked for', () => {
    const hostile = update(
      'api',
      '10.0.0.1',
      [
        {
          action: 'update',
          resource: file('motd', '/etc/motd', 'x'),
          reason: { because: 'drifted' },
          observed: { state: 'present', attributes: {}, content: '' },
          attributes: [{ name: 'owner', before: '\u001b[31mroot', after: 'nats', sensitive: false }],
          diff: '@@ -1 +1 @@\n-\u001b]0;title\u0007evil\n+x\n',
        },
      ],
      [],
    );
    const text = render(planOf([hostile])) + render(samplePlan(), { verbose: true });
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain(SECRET);
    expect(text).toContain('-^[]0;title^Gevil');
  });

  it('is the same text with colours', () => {
    const colored = render(samplePlan(), { color: true });
    expect(colored).toContain('\u001b[32m');

    expect(colored.replace(/\u001b\[[0-9;]*m/g, '').replace(/ +$/gm, '')).toBe(render(samplePlan()));
  });
});

function driftPlan(): Plan {
  const run = service('api', ['file.config']);
  return planOf([
    update(
      'api',
      '2001:db8:85a3:8d3:1319:8a2e:370:7348',
      [
        {
          action: 'update',
          resource: file('config', '/etc/api/api.conf', 'a\n'),
          reason: { because: 'drifted' },
          observed: { state: 'present', attributes: {}, content: 'b\n' },
          attributes: [{ name: 'content', before: 'sha256:1', after: 'sha256:2', sensitive: false }],
          diff: '--- /etc/api/api.conf\n+++ /etc/api/api.conf\n@@ -1 +1 @@\n-b\n+a\n',
        },
        { action: 'create', resource: file('motd', '/etc/motd', 'hi\n'), reason: { because: 'missing' } },
        {
          action: 'update',
          resource: directory('data', '/var/lib/api'),
          reason: { because: 'drifted' },
          observed: { state: 'conflict', what: 'a symbolic link stands at /var/lib/api' },
          attributes: [],
          diff: null,
        },
        {
          action: 'update',
          resource: run,
          reason: { because: 'input-changed' },
          observed: { state: 'present', attributes: { active: true }, content: null },
          attributes: [
            { name: 'command', before: '/usr/bin/api', after: '/usr/bin/api --verbose', sensitive: false },
            { name: 'unit', before: 'a'.repeat(64), after: 'b'.repeat(64), sensitive: false },
          ],
          diff: '@@ -3 +3 @@\n-ExecStart=/usr/bin/api\n+ExecStart=/usr/bin/api --verbose\n',
        },
      ],
      ['drifted: file.config was changed on the host', 'drifted: file.motd is missing on the host'],
    ),
    update(
      'nats',
      '10.0.0.1',
      [{ action: 'create', resource: service('nats'), reason: { because: 'replace-requested' } }],
      ['replacement requested'],
      [removal('service', 'nats', { name: 'nats' }, { fate: 'deleted' })],
    ),
    update(
      'web',
      '10.0.0.1',
      [{ action: 'start', resource: service('web'), reason: { because: 'not-running' } }],
      ['drifted: service.web is not running'],
    ),
    remove('bus', '10.0.0.1', [
      removal('file', 'hosts', { path: '/etc/hosts' }, { fate: 'restored' }),
      removal(
        'package',
        'nats',
        { name: 'nats-server' },
        { fate: 'kept', why: 'shared', entries: null, bytes: null },
      ),
      removal('link', 'bin', { path: '/usr/local/bin/bus' }, { fate: 'gone' }),
    ]),
  ]);
}
