import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunEvent } from '../../src/apply/events.ts';
import type { PlanView } from '../../src/plan/view.ts';
import { startSlipway, type RunningSlipway, type SlipwayResult } from './slipway.ts';

const examples = path.resolve(import.meta.dirname, '../../examples');

/** A working directory of its own, with a HOME of its own beside it. */
export class Project {
  private constructor(
    private readonly root: string,
    readonly directory: string,
    readonly home: string,
    private readonly env: Record<string, string>,
  ) {}

  /** A copy of an example. */
  static async ofExample(name: string): Promise<Project> {
    const project = await Project.create();
    await cp(path.join(examples, name), project.directory, { recursive: true });
    return project;
  }

  /** Files by their path in the working directory. */
  static async of(files: Readonly<Record<string, string>>): Promise<Project> {
    const project = await Project.create();
    for (const [name, text] of Object.entries(files)) await project.write(name, text);
    return project;
  }

  private static async create(): Promise<Project> {
    const root = await mkdtemp(path.join(tmpdir(), 'slipway-e2e-'));
    const [directory, home] = [path.join(root, 'project'), path.join(root, 'home')];
    await mkdir(directory);
    await mkdir(path.join(home, '.ssh'), { recursive: true, mode: 0o700 });
    return new Project(root, directory, home, {
      // What the parser caches is the same for all.
      XDG_CACHE_HOME: path.join(tmpdir(), 'slipway-e2e-cache'),
    });
  }

  path(name: string): string {
    return path.join(this.directory, name);
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(path.dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), text);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  /** Replaces a piece of text that must be there. */
  async edit(name: string, from: string, to: string): Promise<void> {
    const text = await this.read(name);
    if (!text.includes(from)) throw new Error(`${name} does not hold ${from}`);
    await this.write(name, text.replaceAll(from, to));
  }

  /** For every later run: `SLIPWAY_VAR_x` and the like. */
  setEnv(name: string, value: string): void {
    this.env[name] = value;
  }

  start(...args: string[]): RunningSlipway {
    return startSlipway(args, { cwd: this.directory, home: this.home, env: this.env });
  }

  run(...args: string[]): Promise<SlipwayResult> {
    return this.start(...args).result;
  }

  /** A run that has to succeed. */
  async must(...args: string[]): Promise<SlipwayResult> {
    const result = await this.run(...args);
    if (result.code === 0) return result;
    throw new Error(`slipway ${args.join(' ')}: exit code ${result.code}\n${result.text}`);
  }

  apply(...args: string[]): Promise<SlipwayResult> {
    return this.must('apply', '--auto-approve', ...args);
  }

  destroy(...args: string[]): Promise<SlipwayResult> {
    return this.must('destroy', '--auto-approve', ...args);
  }

  /** The plan as data; it must be one without errors. */
  async plan(...args: string[]): Promise<PlanView> {
    const { stdout } = await this.must('plan', '--json', ...args);
    return (JSON.parse(stdout) as { plan: PlanView }).plan;
  }

  async dispose(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** The events of a run with `--json`. */
export function eventsOf({ stdout }: SlipwayResult): readonly RunEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEvent | { readonly type: 'plan' })
    .filter((event): event is RunEvent => event.type !== 'plan');
}

/** What a plan does: `update web@10.0.0.1: file.page update`, a line per resource, in the plan's order. */
export function doings(plan: PlanView): readonly string[] {
  return plan.hosts.flatMap((host) =>
    host.changes.flatMap((change) =>
      change.resources.map(
        (resource) => `${change.action} ${change.address}: ${resource.address} ${resource.action}`,
      ),
    ),
  );
}

/** Addresses of the instances that a plan changes, sorted. */
export function touched(plan: PlanView): readonly string[] {
  return plan.hosts.flatMap((host) => host.changes.map((change) => change.address)).sort();
}
