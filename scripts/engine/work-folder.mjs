/** Where disks of containers are, apart from /tmp, which may be memory: there a sync costs nothing. */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { run } from './command.mjs';

/** One folder a cluster. */
export const WORK_FOLDER = '/var/tmp/quorate-test';

/** With everything that is mounted in it; nobody may use it any more. @param {string} folder */
export async function removeWorkFolder(folder) {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  const inside = mounts.filter((each) => each.startsWith(`${folder}/`));
  if (inside.length > 0) await run('umount', inside);
  await rm(folder, { recursive: true, force: true });
}

/** @returns {Promise<number>} how many clusters had left theirs */
export async function removeWorkFolders() {
  if (!existsSync(WORK_FOLDER)) return 0;
  const names = await readdir(WORK_FOLDER);
  for (const name of names) await removeWorkFolder(path.join(WORK_FOLDER, name));
  return names.length;
}
