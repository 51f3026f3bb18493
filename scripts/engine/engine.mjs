/** Everything that a command needs for tests in containers, for as long as it runs. */
import { findOrStartEngine } from './daemon.mjs';
import { holdLock } from './lock.mjs';
import { EngineMissing } from './missing.mjs';
import { provideNodeImage } from './node-image.mjs';
import { removeRemains } from './remains.mjs';
import { FAULT_TOOLS, inWords, mayInstall, provide } from './system-packages.mjs';

/** @typedef {Readonly<Record<string, string>>} Env */

/**
 * Inside a command that was itself given an engine, that one serves: it is held, and cleaned up, by its owner.
 * @template T
 * @param {(env: Env) => Promise<T>} use with the variables that tell where the engine and the image are
 * @param {(line: string) => void} [print]
 * @returns {Promise<T>}
 */
export async function withEngine(use, print = (line) => process.stdout.write(`engine: ${line}\n`)) {
  if (process.env['QUORATE_TEST_IMAGE'] !== undefined) return await use({});
  await provideFaultTools(print);
  const unlock = await holdLock(print);
  try {
    const engine = await findOrStartEngine(print);
    try {
      return await withImage(engine.host, use, print);
    } finally {
      await engine.stop();
    }
  } finally {
    await unlock();
  }
}

/**
 * @template T
 * @param {string} host @param {(env: Env) => Promise<T>} use @param {(line: string) => void} print
 */
async function withImage(host, use, print) {
  const env = {
    DOCKER_HOST: host,
    // Ryuk, who cleans up after testcontainers, would have to be pulled; removeRemains does it instead.
    TESTCONTAINERS_RYUK_DISABLED: 'true',
    // Ports are on this machine; it would look for the default bridge otherwise, which our own engine has not.
    TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1',
  };
  const found = await removeRemains(env);
  if (found > 0) print(`removed ${found} leftovers of a run that crashed`);
  const image = await provideNodeImage(env, print);
  try {
    return await use({ ...env, QUORATE_TEST_IMAGE: image });
  } finally {
    await removeRemains(env);
  }
}

/** @param {(line: string) => void} print */
async function provideFaultTools(print) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new EngineMissing(
      'The container tests make faults inside the networks of containers (nsenter, nft), which takes root on Linux: run them as root.',
    );
  }
  const missing = await provide(FAULT_TOOLS, print);
  const needed = missing.filter(({ optional }) => optional !== true);
  const hint = mayInstall() ? 'apt-get could not install it' : 'install it and run this again';
  if (needed.length > 0) throw new EngineMissing(`The container tests miss ${inWords(needed)}; ${hint}.`);
  if (missing.length > 0) print(`without ${inWords(missing)}: those faults cannot be made; ${hint}`);
}
