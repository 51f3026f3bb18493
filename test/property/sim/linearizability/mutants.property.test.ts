import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkBlackBox, checkWitness, judge } from '../../../../src/sim/linearizability/index.ts';
import type { History } from '../../../../src/sim/linearizability/index.ts';
import { leaseEnds } from '../../../../src/sim/linearizability/lease-ends.ts';
import { keyspaceCall } from '../../../../src/sim/linearizability/models/keyspace-calls.ts';
import { isThere, withEnded } from '../../../../src/sim/linearizability/models/keyspace-state.ts';
import { keyspaceModel } from '../../../../src/sim/linearizability/models/keyspace.ts';
import { isLinearizable } from '../../../support/histories/brute-force.ts';
import {
  anyExecution,
  heardExecution,
  leasedExecution,
  LEASES,
  singleKeyExecution,
} from '../../../support/histories/execution.ts';
import type { Execution } from '../../../support/histories/execution.ts';
import { mutate, MUTATION_NAMES } from '../../../support/histories/mutations.ts';
import type { Mutation } from '../../../support/histories/mutations.ts';

const KEYS = ['a', 'b', 'c'];
const RUNS = 500;

interface Mutant {
  readonly kind: Mutation;
  readonly mutant: Execution;
}

function mutants(
  executions: fc.Arbitrary<Execution>,
  kinds: readonly Mutation[] = MUTATION_NAMES,
): fc.Arbitrary<Mutant> {
  return fc
    .tuple(executions, fc.constantFrom(...kinds), fc.nat(), fc.nat())
    .map(([execution, kind, first, second]) => ({ kind, mutant: mutate(execution, kind, first, second) }))
    .filter((found): found is Mutant => found.mutant !== null);
}

describe('good histories with one lie in them', () => {
  const small = mutants(fc.oneof(anyExecution(8), singleKeyExecution(8), leasedExecution(8)));

  it('are judged by the search as by trying all orders', () => {
    let illegal = 0;
    fc.assert(
      fc.property(small, ({ mutant: { history } }) => {
        const truth = triedAllOrders(history);
        if (!truth) illegal += 1;
        expect(checkBlackBox(history).type).toBe(truth ? 'legal' : 'illegal');
      }),
      { numRuns: RUNS },
    );
    expect(illegal).toBeGreaterThan(RUNS / 10);
  });

  it('are never accepted by the witness where no order explains them, and never divide the two checkers', () => {
    fc.assert(
      fc.property(small, ({ mutant: { history, log } }) => {
        const { verdict } = judge(history, log);
        expect(verdict).not.toBe('contradiction');
        if (!triedAllOrders(history)) expect(verdict).toBe('illegal');
      }),
      { numRuns: RUNS },
    );
  });

  it('are found out by the witness, at any length, where nobody else can have done it', () => {
    const plain: readonly Mutation[] = ['contentsOfAnother', 'appliedYetFailed', 'lostFromLog', 'twiceInLog'];
    fc.assert(
      fc.property(mutants(heardExecution(60), plain), ({ mutant: { history, log } }) => {
        expect(checkWitness(history, log).type).toBe('illegal');
      }),
      { numRuns: RUNS / 4 },
    );
  });
});

function triedAllOrders(history: History): boolean {
  const calls = [...history, ...leaseEnds(history)].flatMap((operation) => {
    const { type, outcome } = operation;
    const ordered = type === 'write' || (outcome.type === 'ok' && outcome.output.level === 'linearizable');
    const call = ordered && outcome.type !== 'failed' ? keyspaceCall(operation, KEYS) : null;
    return call === null ? [] : [call];
  });
  return isLinearizable(withEndsInSight(), calls);
}

/** Leases end by calls alone, also where nothing hangs on them: the search decides that only when it matters. */
function withEndsInSight(): ReturnType<typeof keyspaceModel> {
  const leases = LEASES.map((id) => ({ id, granted: false }));
  const model = keyspaceModel(KEYS, leases);
  return {
    ...model,
    answered(state, input, output) {
      const after = model.answered(state, input, output);
      return after?.leases.gone === state.leases.gone ? after : null;
    },
    unheard(state, input) {
      if (input.type !== 'leaseRevoke') return model.unheard(state, input);
      return isThere(state, input.lease) ? withEnded(state, input.lease) : null;
    },
  };
}
