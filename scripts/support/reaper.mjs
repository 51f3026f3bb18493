/**
 * Outlives whoever started it, by a moment: when its standard input ends, for whatever reason (a crash and SIGKILL
 * included), it kills the processes and removes the folders it was told of. One command a line:
 *
 *   born 123 · gone 123 · folder /tmp/x
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** @type {Set<number>} */
const alive = new Set();
/** @type {Set<string>} */
const folders = new Set();

// Ctrl-C reaches the whole group; the work begins only when the input has ended.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...rest] = line.split(' ');
  const argument = rest.join(' ');
  if (command === 'born') alive.add(Number(argument));
  if (command === 'gone') alive.delete(Number(argument));
  if (command === 'folder') folders.add(argument);
}

for (const pid of alive) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}
for (const folder of folders)
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
