import { describe, expect, it } from 'vitest';

import { UNSTATED } from '../../../../src/sim/linearizability/history.ts';
import type {
  KeyspaceInput,
  KeyspaceOutput,
} from '../../../../src/sim/linearizability/models/keyspace-forms.ts';
import { keyspaceModel } from '../../../../src/sim/linearizability/models/keyspace.ts';
import type { KeyspaceState } from '../../../../src/sim/linearizability/models/keyspace-state.ts';
import type { Shown } from '../../../../src/sim/linearizability/models/record.ts';

const model = keyspaceModel(['x']);

/** Somebody put it, and nobody heard the revision. */
function withX(): KeyspaceState {
  const put = { type: 'put', key: 0, value: '1', conditions: [], returnPrevious: false, lease: 0n } as const;
  const state = model.unheard(model.initial, put);
  if (state === null) throw new Error('a put takes effect');
  return state;
}

function shownAt(modified: number): Shown {
  return { key: 'x', value: '1', version: 1, created: UNSTATED, modified, lease: 0n };
}

function conflictAt(at: string): KeyspaceOutput {
  return { type: 'txnFailed', at, cause: { type: 'conflict', current: null } };
}

/** Told of a transaction at revision 3. */
function putAt(revision: number): KeyspaceOutput {
  return { type: 'txn', revision: 3, succeeded: true, results: [{ type: 'put', revision, previous: null }] };
}

describe('a transaction on the model', () => {
  it('failed at a step that met what the steps before it had made', () => {
    const remove = {
      type: 'delete',
      from: 0,
      to: 1,
      single: true,
      conditions: [],
      returnPrevious: false,
    } as const;
    const again = { ...remove, conditions: [{ type: 'present' }] } as const;
    const txn: KeyspaceInput = { type: 'txn', when: [], do: [remove, again], otherwise: [] };
    const state = withX();

    expect(model.answered(state, txn, conflictAt('do[1]'))).toBe(state);
    expect(model.answered(state, txn, conflictAt('do[0]'))).toBeNull();
  });

  it('tells the revision of a record that it compared and found equal', () => {
    const equal = { from: 0, to: 1, operator: '=', operand: { type: 'modRevision', number: 7 } } as const;
    const txn: KeyspaceInput = { type: 'txn', when: [equal], do: [], otherwise: [] };
    const succeeded: KeyspaceOutput = { type: 'txn', revision: UNSTATED, succeeded: true, results: [] };
    const after = model.answered(withX(), txn, succeeded);
    if (after === null) throw new Error('the revision may be 7');
    const get = { type: 'get', keys: [0] } as const;

    expect(model.answered(after, get, { type: 'records', records: [shownAt(7)] })).not.toBeNull();
    expect(model.answered(after, get, { type: 'records', records: [shownAt(9)] })).toBeNull();
  });

  it('changes all that it changes at one revision', () => {
    const put = {
      type: 'put',
      key: 0,
      value: '2',
      conditions: [],
      returnPrevious: false,
      lease: 0n,
    } as const;
    const txn: KeyspaceInput = { type: 'txn', when: [], do: [put], otherwise: [] };
    const state = withX();

    expect(model.answered(state, txn, putAt(3))).not.toBeNull();
    expect(model.answered(state, txn, putAt(4))).toBeNull();
  });
});
