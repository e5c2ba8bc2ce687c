import type { Disk, Facts } from '../../host/facts.ts';

/** The file system that holds a folder: that with the longest mount point which is a prefix of it. `~/` is the user's home. */
export function holdingFileSystem(
  { disks, home }: Pick<Facts, 'disks' | 'home'>,
  folder: string,
): Disk | undefined {
  const path = folder.startsWith('~/') ? `${home}/${folder.slice(2)}` : folder;
  return disks
    .filter(({ mount }) => mount === '/' || path === mount || path.startsWith(`${mount}/`))
    .sort((a, b) => b.mount.length - a.mount.length)[0];
}
