import { linesOf, run } from './command.mjs';
import { removeWorkFolders } from './work-folder.mjs';

/** Every container, network and volume of the container tests carries it. */
export const LABEL = 'dev.quorate.test';

/**
 * Removes what carries our label; networks, volumes and disks after the containers that hold them.
 * @param {Readonly<Record<string, string>>} env @returns {Promise<number>} how many things there were
 */
export async function removeRemains(env) {
  const filter = ['--quiet', '--filter', `label=${LABEL}`];
  const containers = linesOf(await run('docker', ['ps', '--all', ...filter], { env }));
  if (containers.length > 0) await run('docker', ['rm', '--force', '--volumes', ...containers], { env });
  const networks = linesOf(await run('docker', ['network', 'ls', ...filter], { env }));
  if (networks.length > 0) await run('docker', ['network', 'rm', ...networks], { env });
  const volumes = linesOf(await run('docker', ['volume', 'ls', ...filter], { env }));
  if (volumes.length > 0) await run('docker', ['volume', 'rm', ...volumes], { env });
  return containers.length + networks.length + volumes.length + (await removeWorkFolders());
}
