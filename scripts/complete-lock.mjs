/**
 * Adds to package-lock.json the builds for other platforms that the registry at hand did not offer when the lock was
 * made. `npm ci` refuses a lock that lacks a dependency which a package names, even one that would be skipped here;
 * run this after every `npm install` that changes the lock (a tidy test notices when it was forgotten).
 *
 * Such an entry carries what its name says (system, processor, C library) and the exact version that its owner asks
 * for, but no integrity: that platform's first install can only trust its registry.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * @typedef {{ version?: string, dev?: boolean, optionalDependencies?: Record<string, string> }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry & Record<string, unknown>> }} Lock
 */
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];
const EXACT = /^\d+\.\d+\.\d+$/u;

const file = path.resolve(import.meta.dirname, '..', 'package-lock.json');
/** @type {Lock} */
const lock = JSON.parse(await readFile(file, 'utf8'));
const missing = missingBuilds(lock);
for (const { name, entry } of missing) lock.packages[`node_modules/${name}`] = entry;
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')),
);
await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${missing.length} builds for other platforms added\n`);

/** @param {Lock} from */
function missingBuilds({ packages }) {
  return Object.values(packages).flatMap((owner) =>
    Object.entries(owner.optionalDependencies ?? {})
      .filter(([name, version]) => packages[`node_modules/${name}`] === undefined && EXACT.test(version))
      .map(([name, version]) => ({ name, entry: entryOf(name, version, owner.dev === true) })),
  );
}

/** @param {string} name @param {string} version @param {boolean} dev */
function entryOf(name, version, dev) {
  const words = (name.split('/').at(-1) ?? name).split('-');
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`${name} does not say what it is built for`);
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : glibc(words);
  return { version, cpu, ...(dev ? { dev } : {}), ...(libc ? { libc } : {}), optional: true, os };
}

/** @param {readonly string[]} words */
function glibc(words) {
  return words.some((word) => word.startsWith('gnu')) ? ['glibc'] : undefined;
}
