/** Runs seeds on a build and says what came of each, a JSON line on standard output. Started by run-seeds.mjs. */
/** @type {import('./run-seeds.mjs').Work} */
const { entry, seeds, minutes, size, load, kinds, brokenMax = Infinity } = JSON.parse(process.argv[2] ?? '');
/** @type {typeof import('../../src/sim/index.ts')} */
const { HARM_KINDS, runSeed } = await import(entry);

const plan = {
  durationMs: minutes * 60_000,
  ...(size === undefined ? {} : { size }),
  ...(load === undefined ? {} : { load }),
  ...(kinds === undefined ? {} : { kinds: kinds.map(kindOf) }),
};

let broken = 0;
for (const seed of seeds) {
  process.stdout.write(`${JSON.stringify({ type: 'begins', seed })}\n`);
  const before = process.cpuUsage();
  const verdict = await runSeed(seed, { plan });
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ ...told(seed, verdict), cpuMs: (user + system) / 1_000 })}\n`);
  if (verdict.type !== 'held') broken += 1;
  if (broken >= brokenMax) break;
}

/** @param {string} name */
function kindOf(name) {
  const kind = HARM_KINDS.find((each) => each.replaceAll(' ', '-') === name);
  if (kind === undefined) throw new Error(`there is no fault ${name}`);
  return kind;
}

/** @param {number} seed @param {import('../../src/sim/index.ts').SeedVerdict} verdict */
function told(seed, verdict) {
  switch (verdict.type) {
    case 'held':
      return { type: 'held', seed, result: verdict.result };
    case 'broken': {
      const { breach, error } = verdict;
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { type: 'broken', seed, breach, message: message.slice(0, 2_000) };
    }
    case 'not repeatable':
      return { type: 'broken', seed, breach: 'a seed is one history', message: verdict.hashes.join(' and ') };
  }
}
