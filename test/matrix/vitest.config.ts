import { defineConfig } from 'vitest/config';

/** Apart from the tiers of the test command: the whole matrix takes minutes, and publishes what it found. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    pool: 'forks',
    maxWorkers: 1,
    include: ['test/matrix/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
