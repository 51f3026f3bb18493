import { defineConfig } from 'vitest/config';

/**
 * One project per tier (`vitest --project unit`). A tier says how long one of its tests may take and whether its
 * files may run beside each other; groups run one after the other, so that real processes have the machine to
 * themselves and a slow machine shows as slow, not as broken.
 */
const SECOND = 1_000;

interface Tier {
  readonly name: string;
  readonly timeoutMs: number;
  readonly group: number;
  readonly parallel: boolean;
  /** Once, before the first file. */
  readonly setup?: string;
}

const TIERS: readonly Tier[] = [
  { name: 'unit', timeoutMs: 10 * SECOND, group: 0, parallel: true },
  { name: 'property', timeoutMs: 60 * SECOND, group: 0, parallel: true },
  { name: 'tidy', timeoutMs: 20 * SECOND, group: 0, parallel: true },
  { name: 'browser', timeoutMs: 30 * SECOND, group: 0, parallel: true },
  { name: 'sim', timeoutMs: 900 * SECOND, group: 1, parallel: false, setup: './test/sim/global-setup.ts' },
  { name: 'package', timeoutMs: 90 * SECOND, group: 2, parallel: false },
  { name: 'process', timeoutMs: 90 * SECOND, group: 3, parallel: false },
  { name: 'containers', timeoutMs: 90 * SECOND, group: 4, parallel: false },
  { name: 'matrix', timeoutMs: 120 * SECOND, group: 4, parallel: false },
  { name: 'soak', timeoutMs: 120 * SECOND, group: 4, parallel: false },
];

/** These take minutes and publish what they found, so they run only when the command line names them. */
const ASKED_FOR = ['matrix', 'soak'];

function isWanted({ name }: Tier): boolean {
  return !ASKED_FOR.includes(name) || process.argv.some((argument) => argument.includes(name));
}

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Two processes of seeds each: the machine has no more to give.
    maxConcurrency: 2,
    passWithNoTests: true,
    projects: TIERS.filter(isWanted).map((tier) => ({
      test: {
        name: tier.name,
        include: [`test/${tier.name}/**/*.test.ts`],
        testTimeout: tier.timeoutMs,
        hookTimeout: tier.timeoutMs,
        fileParallelism: tier.parallel,
        sequence: { groupOrder: tier.group },
        ...(tier.setup === undefined ? {} : { globalSetup: tier.setup }),
      },
    })),
  },
});
