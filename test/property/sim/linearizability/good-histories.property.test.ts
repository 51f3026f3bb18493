import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { checkBlackBox, judge } from '../../../../src/sim/linearizability/index.ts';
import {
  anyExecution,
  leasedExecution,
  recordedLeaseExecution,
  singleKeyExecution,
} from '../../../support/histories/execution.ts';

it('whatever clients see of one operation after the other is legal to both checkers', () => {
  fc.assert(
    fc.property(
      fc.oneof(anyExecution(40), leasedExecution(40), recordedLeaseExecution(40)),
      ({ history, log }) => {
        expect(judge(history, log)).toMatchObject({ verdict: 'legal', report: '' });
      },
    ),
    { numRuns: 200 },
  );
});

it('the search needs no log for it', () => {
  fc.assert(
    fc.property(
      fc.oneof(anyExecution(16), singleKeyExecution(40), leasedExecution(16), recordedLeaseExecution(16)),
      ({ history }) => {
        expect(checkBlackBox(history)).toEqual({ type: 'legal' });
      },
    ),
    { numRuns: 200 },
  );
});
