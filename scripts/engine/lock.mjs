import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { EngineMissing } from './missing.mjs';

const LOCK = '/run/lock/quorate-engine.lock';
/** Lives as long as its standard input does: until it is told to end, or whoever started it is gone. */
const SCRIPT = 'exec 9>"$1"; flock -n 9 || { echo waits; flock 9; } && echo held && exec cat';

/**
 * One run at a time on a machine: whatever carries our label is then a leftover. The kernel ends the lock with its
 * holder, so a crashed run blocks nobody.
 * @param {(line: string) => void} print @returns {Promise<() => Promise<void>>} ends it
 */
export async function holdLock(print) {
  const child = spawn('sh', ['-c', SCRIPT, 'sh', LOCK], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const held = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new EngineMissing(`cannot lock ${LOCK} with flock (util-linux)`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'held') resolve(undefined);
      else if (line === 'waits') print('waiting for the end of another run on this machine');
    });
  });
  await held;
  return async () => {
    child.stdin.end();
    await ended;
  };
}
