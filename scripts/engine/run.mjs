/** `node scripts/engine/run.mjs COMMAND ARG…`: runs it with an engine and the image of a node; exits as it does. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { withEngine } from './engine.mjs';
import { EngineMissing } from './missing.mjs';

const BIN = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));

const [command, ...args] = process.argv.slice(2);
process.exitCode = await main();

async function main() {
  if (command === undefined) {
    process.stderr.write('usage: node scripts/engine/run.mjs COMMAND ARG…\n');
    return 2;
  }
  // Ctrl-C reaches the whole group; the command ends by it, and then we clean up.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
  try {
    return await withEngine((env) => execute(command, env));
  } catch (error) {
    if (!(error instanceof EngineMissing)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

/** @param {string} program @param {Readonly<Record<string, string>>} env @returns {Promise<number>} */
function execute(program, env) {
  return new Promise((resolve, reject) => {
    const PATH = `${BIN}${path.delimiter}${process.env['PATH'] ?? ''}`;
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, PATH, ...env } });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 128));
  });
}
