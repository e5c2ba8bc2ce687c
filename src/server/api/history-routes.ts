import { diffVersions, shownText, type VersionName } from '../../app/history-diff.ts';
import { deploymentsSoFar, isSpecFile, readHistory, readVersion } from '../../app/history-read.ts';
import { projectPaths } from '../../app/project-paths.ts';
import type { HistoryAnswer, VersionAnswer, VersionSummary } from './answers.ts';
import { known, storedState } from './known.ts';
import type { Handler } from './operation.ts';

export const HISTORY_HANDLERS: Readonly<Record<'history' | 'version' | 'diff', Handler>> = {
  async history(_request, _reply, { use }): Promise<HistoryAnswer> {
    const directory = projectPaths(use.directory).history;
    const versions = await readHistory(directory);
    return {
      deployments: await deploymentsSoFar(await storedState(use), directory),
      versions: versions.map((one): VersionSummary => {
        const { version, run, operation, author, time, cluster, specVersion, deployment = null } = one;
        const changes = one.changes.length;
        const counts: Record<string, number> = {};
        for (const { action } of one.changes) counts[action] = (counts[action] ?? 0) + 1;
        return { version, run, operation, author, time, cluster, specVersion, deployment, changes, counts };
      }),
    };
  },

  async version(request, _reply, { use }): Promise<VersionAnswer> {
    const { version: number } = request.params as { version: number };
    const directory = projectPaths(use.directory).history;
    const version = await known(() => readVersion(directory, number));
    const files: VersionAnswer['files'][number][] = [];
    for (const file of version.files)
      files.push(isSpecFile(file) ? { ...file, text: await shownText(directory, file) } : file);
    return { ...version, files };
  },

  async diff(request, _reply, { use }) {
    const { version, other } = request.params as { version: number; other: string };
    const directory = projectPaths(use.directory).history;
    const to: VersionName = other === 'now' ? 'now' : Number(other);
    for (const number of [version, to]) {
      if (number !== 'now') await known(() => readVersion(directory, number));
    }
    return diffVersions(use.directory, version, to, use.variables, use.ports);
  },
};
