import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Reaction } from './model-node.ts';
import { Run } from './run.ts';

const NODES = ['a:1', 'b:1', 'c:1'];
const REACTIONS: readonly Reaction[] = ['answer', 'refuse', 'doubt', 'overload', 'turn-away', 'ignore'];

/** One thing that happens to the engine. Numbers pick among what there is at that moment. */
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('submit' as const),
      work: fc.nat(2),
      timeoutMs: fc.integer({ min: 1, max: 6_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('react' as const),
      node: fc.nat(2),
      reaction: fc.constantFrom(...REACTIONS),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 1_500 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('leader' as const), node: fc.nat(2), leader: fc.nat(3) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('cut' as const), node: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('silence' as const), node: fc.nat(2), silent: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('goodbye' as const), node: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('down' as const), node: fc.nat(2), down: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('abort' as const), request: fc.nat(50) }) },
);

test('whatever nodes and networks do: one settlement by the deadline, no write twice, bounds kept', () => {
  let sent = 0;
  let settled = 0;
  let again = 0;
  fc.assert(
    fc.property(
      fc.array(event, { minLength: 20, maxLength: 120 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(),
      (events, inFlightMax, seed) => {
        const run = new Run(NODES, inFlightMax, seed);
        for (const each of events) run.happen(each);
        run.finish();
        sent += run.sends;
        settled += run.settled;
        again += run.resends;
      },
    ),
    { numRuns: 400 },
  );
  // A run in which nothing happened would keep every promise.
  expect(sent).toBeGreaterThan(1_000);
  expect(settled).toBeGreaterThan(1_000);
  expect(again).toBeGreaterThan(100);
});
