/** What a soak comes to: the accounts of all its scenarios (test/support/soak/account.ts) summed up. */

/**
 * @typedef {import('../../test/support/soak/account.ts').Account} Account
 * @typedef {ReturnType<typeof reportOf>} SoakReport
 */

const GAPS_SHOWN = 5;

/** @param {readonly Account[]} accounts */
export function reportOf(accounts) {
  return {
    writtenAt: new Date().toISOString(),
    scenarios: accounts.length,
    ofNodes: countBy(accounts, ({ nodes, cluster }) => `${nodes} nodes, ${cluster}`),
    /** With faults: neither the start of a cluster nor its verdict counts. */
    clusterMinutes: sum(accounts, ({ faultSeconds }) => faultSeconds) / 60,
    nodeMinutes: sum(accounts, ({ faultSeconds, nodes }) => faultSeconds * nodes) / 60,
    operations: sum(accounts, ({ operations }) => operations),
    answered: sum(accounts, ({ answered }) => answered),
    refused: sum(accounts, ({ refused }) => refused),
    unknown: sum(accounts, ({ unknown }) => unknown),
    leaderChanges: sum(accounts, ({ leaderChanges }) => leaderChanges),
    faults: faultsOf(accounts),
    longestGaps: accounts
      .toSorted((a, b) => b.longestGapMs - a.longestGapMs)
      .slice(0, GAPS_SHOWN)
      .map(({ seed, nodes, longestGapMs }) => ({ seed, nodes, longestGapMs })),
    servedAfterHealMs: Math.max(0, ...accounts.map(({ servedAfterHealMs }) => servedAfterHealMs)),
    machineLateMs: Math.max(0, ...accounts.map(({ machineLateMs }) => machineLateMs)),
    violations: accounts
      .filter(({ violations }) => violations.length > 0)
      .map(({ seed, nodes, cluster, violations }) => ({ seed, nodes, cluster, violations })),
    accounts,
  };
}

/** @param {SoakReport} report */
export function tableOf(report) {
  const faults = Object.entries(report.faults).map(
    ([kind, { made, shown }]) => `  ${kind.padEnd(36)} ${pad(made)} ${pad(shown)}`,
  );
  const gaps = report.longestGaps.map(
    ({ seed, nodes, longestGapMs }) => `  ${pad(longestGapMs)} ms  seed ${seed}, ${nodes} nodes`,
  );
  const broken = report.violations.flatMap(({ seed, nodes, cluster, violations }) => [
    `  seed ${seed}, ${nodes} nodes: npm run soak -- --replay ${seed} --nodes ${nodes} --on ${cluster}`,
    ...violations.map((violation) => `    ✗ ${violation.split('\n')[0] ?? ''}`),
  ]);
  return [
    `${report.scenarios} scenarios (${inWords(report.ofNodes)})`,
    `${report.clusterMinutes.toFixed(1)} cluster-minutes with faults, ${report.nodeMinutes.toFixed(1)} node-minutes`,
    `${report.operations} operations: ${report.answered} answered, ${report.refused} refused, ${report.unknown} unknown`,
    `${report.leaderChanges} leader changes; served ${report.servedAfterHealMs} ms after a heal at worst; this machine was ${report.machineLateMs} ms late at worst`,
    `  ${'fault'.padEnd(36)}   made  shown`,
    ...faults,
    'longest times without an acknowledged write, faults included',
    ...gaps,
    `violations: ${report.violations.length}`,
    ...broken,
  ].join('\n');
}

/** @param {readonly Account[]} accounts */
function faultsOf(accounts) {
  /** @type {Record<string, { made: number, shown: number }>} */
  const faults = {};
  for (const [kind, { made, shown }] of accounts.flatMap((each) => Object.entries(each.faults))) {
    const counted = (faults[kind] ??= { made: 0, shown: 0 });
    counted.made += made;
    counted.shown += shown;
  }
  return Object.fromEntries(Object.entries(faults).toSorted(([a], [b]) => a.localeCompare(b)));
}

/** @template T @param {readonly T[]} items @param {(item: T) => string} name */
function countBy(items, name) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const item of items) counts[name(item)] = (counts[name(item)] ?? 0) + 1;
  return counts;
}

/** @param {Readonly<Record<string, number>>} counts */
function inWords(counts) {
  return Object.entries(counts)
    .map(([name, count]) => `${count} of ${name}`)
    .join('; ');
}

/** @template T @param {readonly T[]} items @param {(item: T) => number} number */
function sum(items, number) {
  return items.reduce((total, item) => total + number(item), 0);
}

/** @param {number} number */
function pad(number) {
  return String(number).padStart(6);
}
