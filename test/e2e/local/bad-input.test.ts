import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Project } from '../project.ts';

const CLUSTER = `cluster "bad" { version = "1" }
variable "greeting" {
  type    = string
  default = "hello"
}
host "front" { address = "127.31.0.1" }
component "web" {
  source = "./components/web"
  hosts  = ["front"]
  inputs = { greeting = var.greeting }
}
`;
const WEB = `definition {
  description = "one page"
  instances { max = 2 }
}
input "greeting" { type = string }
input "port" {
  type    = number
  default = 31080
}
file "page" {
  path    = "page.html"
  content = input.greeting
}
endpoint "http" { port = input.port }
`;

interface Mistake {
  /** Text to replace, in the working directory's file or the definition. */
  readonly change: readonly [from: string, to: string];
  readonly errors: readonly RegExp[];
}

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'a syntax error in the spec': {
    change: ['hosts  = ["front"]', 'hosts  = ["front"'],
    errors: [/cluster\.hcl:\d+/],
  },
  'a syntax error in a definition': {
    change: ['content = input.greeting', 'content = input.greeting +'],
    errors: [/components\/web\/component\.hcl:\d+/],
  },
  'an unknown block': {
    change: ['component "web"', 'compnent "web"'],
    errors: [/compnent/, /Did you mean "component"/],
  },
  'an unknown attribute': {
    change: ['source =', 'sorce ='],
    errors: [/sorce/, /Did you mean "source"/],
  },
  'an unknown variable': {
    change: ['var.greeting', 'var.greting'],
    errors: [/greting/, /Did you mean "greeting"/],
  },
  'an unknown function': {
    change: ['= var.greeting', '= uper(var.greeting)'],
    errors: [/uper/, /Did you mean "upper"/],
  },
  'an unknown component': {
    change: ['inputs = { greeting = var.greeting }', 'depends_on = [component.wep]'],
    errors: [/wep/, /Did you mean "web"/],
  },
  'an unknown host': {
    change: ['["front"]', '["fornt"]'],
    errors: [/fornt/, /Did you mean "front"/],
  },
  'an unknown input': {
    change: ['{ greeting = var', '{ greetin = var'],
    errors: [/greetin/, /Did you mean "greeting"/],
  },
  'a wrong type': {
    change: ['{ greeting = var.greeting }', '{ greeting = var.greeting, port = "many" }'],
    errors: [/cluster\.hcl:\d+|component\.hcl:\d+/, /number/],
  },
  'a missing input': {
    change: ['inputs = { greeting = var.greeting }', ''],
    errors: [/greeting/],
  },
  'the same host twice': {
    change: ['["front"]', '["front", "127.31.0.1"]'],
    errors: [/127\.31\.0\.1/, /twice|same host/],
  },
  'too many hosts': {
    change: ['["front"]', '["front", "127.31.0.2", "127.31.0.3"]'],
    errors: [/at most 2|max/],
  },
  'too few hosts': {
    change: ['instances { max = 2 }', 'instances { min = 2 }'],
    errors: [/at least 2|min/],
  },
  'a definition that is not there': {
    change: ['./components/web', './components/wep'],
    errors: [/components\/wep/],
  },
  'two instances that claim one port': {
    change: [
      'host "front"',
      'component "other" {\n  source = "./components/web"\n  hosts  = ["front"]\n  inputs = { greeting = "x" }\n}\nhost "front"',
    ],
    errors: [/31080/, /web@127\.31\.0\.1/, /other@127\.31\.0\.1/],
  },
  'an absolute path under the local provider': {
    change: ['"page.html"', '"/etc/page.html"'],
    errors: [/\/etc\/page\.html/],
  },
  'a value that is not given': {
    change: ['  default = "hello"\n', ''],
    errors: [/greeting/, /--var|SLIPWAY_VAR_greeting/],
  },
  'a reference cycle': {
    change: [
      'inputs = { greeting = var.greeting }\n}',
      'inputs = { greeting = component.back.endpoints.http[0].address }\n}\ncomponent "back" {\n  source = "./components/web"\n  hosts  = ["127.31.0.9"]\n  inputs = { greeting = component.web.endpoints.http[0].address }\n}',
    ],
    errors: [/cycle/i, /component\.web|web ->|back ->|web, back|web → back|back → web/],
  },
};

describe('bad input', () => {
  it.each(Object.entries(MISTAKES))('%s', async (_name, { change, errors }) => {
    await withProject(CLUSTER, WEB, async (project) => {
      const [from, to] = change;
      const file = CLUSTER.includes(from) ? 'cluster.hcl' : 'components/web/component.hcl';
      await project.edit(file, from, to);
      await expectRefused(project, errors);
    });
  });

  it('shows all errors at once, of all files', async () => {
    const cluster = CLUSTER.replace('var.greeting', 'var.greting').replace('["front"]', '["fornt"]');
    await withProject(cluster, WEB.replace('path    =', 'paht    ='), (project) =>
      expectRefused(project, [/greting/, /fornt/, /paht/, /cluster\.hcl:\d+/, /component\.hcl:\d+/]),
    );
  });

  it('two instances that claim one file or one unit of a machine', async () => {
    const definition = `definition { description = "takes what is taken" }
      file "config" {
        path    = "/etc/shared.conf"
        content = "x"
      }
      service "shared" { command = "/bin/sleep 1000" }`;
    const component = (name: string): string =>
      `component "${name}" {\n  source = "./components/shared"\n  hosts  = ["10.255.0.1"]\n}\n`;
    await withProject(CLUSTER, WEB, async (project) => {
      await project.write('components/shared/component.hcl', definition);
      await project.write('more.hcl', component('a') + component('b'));
      const { code, stderr } = await project.run('plan', '--refresh=false');
      expect(code, stderr).toBe(1);
      for (const claim of ['file /etc/shared.conf', 'unit shared'])
        expect(unwrapped(stderr)).toMatch(new RegExp(`${claim}.*(a@10.255.0.1.*b@10.255.0.1|b@.*a@)`));
    });
  });

  it.each([
    ['an unknown command', ['aply'], /aply.*Did you mean "apply"/],
    ['an unknown option', ['plan', '--refesh=false'], /--refesh.*Did you mean --refresh/],
    ['an unknown target', ['plan', '--target=wbe'], /wbe.*Did you mean "web"|No component.*wbe/s],
    ['apply where nobody can approve', ['apply'], /--auto-approve/],
    ['a plan file that is none', ['apply', 'cluster.hcl'], /cluster\.hcl.*(is not|cannot)/s],
  ])('%s', async (_name, args, message) => {
    await withProject(CLUSTER, WEB, async (project) => {
      const { code, stderr } = await project.run(...args);
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
    });
  });
});

describe('state that cannot be used', () => {
  it('damaged, or written by a newer slipway: refused with what to do, and left as it is', async () => {
    await withProject(CLUSTER, WEB, async (project) => {
      await project.apply();
      const good = await project.read('slipway.state.json');
      for (const [bad, message] of [
        [good.slice(0, -20), /damaged|cannot be read|not valid/i],
        [good.replace(/"version": \d+/, '"version": 99'), /newer/i],
      ] as const) {
        expect(bad).not.toBe(good);
        await project.write('slipway.state.json', bad);
        const { code, stderr } = await project.run('apply', '--auto-approve');
        expect(code, stderr).toBe(1);
        expect(stderr).toMatch(message);
        expect(stderr).toContain('slipway.state.json');
        expect(await project.read('slipway.state.json')).toBe(bad);
      }
      await project.write('slipway.state.json', good);
      await project.destroy();
    });
  });

  it('written for another cluster: refused, until the state is told of the new name', async () => {
    await withProject(CLUSTER, WEB, async (project) => {
      await project.apply();
      await project.edit('cluster.hcl', 'cluster "bad"', 'cluster "mall"');
      const { code, stderr } = await project.run('apply', '--auto-approve');
      expect(code, stderr).toBe(1);
      expect(stderr).toContain('The state belongs to cluster "bad"');
      expect(stderr).toContain('slipway state rename mall');
      const renamed = await project.must('state', 'rename', 'mall');
      expect(renamed.stdout).toContain('The state is that of cluster "mall" now. It was "bad".');
      expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
      await project.destroy();
    });
  });

  it('a saved plan that is stale: refused with what has changed', async () => {
    await withProject(CLUSTER, WEB, async (project) => {
      await project.must('plan', '--out=saved.plan');
      await project.edit('cluster.hcl', '"hello"', '"goodbye"');
      const changedSpec = await project.run('apply', 'saved.plan');
      expect(changedSpec.code).toBe(1);
      expect(changedSpec.stderr).toMatch(/stale/);
      await project.edit('cluster.hcl', '"goodbye"', '"hello"');
      await project.must('apply', 'saved.plan');
      const appliedTwice = await project.run('apply', 'saved.plan');
      expect(appliedTwice.code).toBe(1);
      expect(appliedTwice.stderr).toMatch(/stale.*state has changed/s);
      await project.destroy();
    });
  });
});

async function withProject(
  cluster: string,
  definition: string,
  work: (project: Project) => Promise<void>,
): Promise<void> {
  const project = await Project.of({ 'cluster.hcl': cluster, 'components/web/component.hcl': definition });
  try {
    await work(project);
  } finally {
    await project.dispose();
  }
}

/** Without the line breaks that fit it to a terminal. */
function unwrapped(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** Exit code 1, every error with its remedy on stderr, and nothing written. */
async function expectRefused(project: Project, errors: readonly RegExp[]): Promise<void> {
  const before = await readdir(project.directory, { recursive: true });
  const { code, stderr, text } = await project.run('apply', '--auto-approve');
  expect(code, text).toBe(1);
  for (const error of errors) expect(unwrapped(stderr)).toMatch(error);
  expect(stderr).not.toMatch(/fault of its own/);
  expect((await readdir(project.directory, { recursive: true })).sort()).toEqual(before.sort());
}
