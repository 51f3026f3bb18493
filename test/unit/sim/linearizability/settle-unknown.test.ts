import { expect, it } from 'vitest';

import { checkWitness } from '../../../../src/sim/linearizability/index.ts';
import type { History } from '../../../../src/sim/linearizability/index.ts';
import { settleUnknown } from '../../../../src/sim/linearizability/settle-unknown.ts';
import { parseDrawing } from '../../../support/histories/notation.ts';

/** As the witness has it, with what the log says of unknown outcomes. */
function settled(drawing: string): History {
  const { history, log } = parseDrawing(drawing);
  const witness = checkWitness(history, log ?? []);
  if (witness.type === 'illegal')
    throw new Error(witness.violations.map(({ message }) => message).join('\n'));
  return settleUnknown(history, witness).history;
}

it('an unknown write had its reply by the time that the first of all later changes returned', () => {
  const [lost, , quick] = settled(`
      a    [put x=1 …)
      b      [put x=2 @3                  ]
      c        [put x=3 @4]
      log  put x=1; put x=2; put x=3`);

  expect(lost).toMatchObject({ client: 'a (call 1, given up)', outcome: { output: { revision: 2 } } });
  expect(lost?.returnMs).toBe(quick?.returnMs);
});

it('an unknown write after which nothing returned may still be under way', () => {
  const [lost] = settled(`
      a    [put x=2 …)
      b    [put x=1 @2]
      log  put x=1; put x=2`);

  expect(lost).toMatchObject({ client: 'a', returnMs: Infinity, outcome: { type: 'unknown' } });
});

it('an unknown write that is not in the log did not happen', () => {
  const left = settled(`
      a    [put x=2 …)
      b    [put x=1 @2]
      log  put x=1`);

  expect(left.map(({ client }) => client)).toEqual(['b']);
});
