/** A number that is added to and read. An addition answers the sum; null: its caller did not record it. */
import type { Model } from '../model.ts';

export type CounterInput = { readonly type: 'add'; readonly by: bigint } | { readonly type: 'read' };
export type CounterOutput = bigint | null;

export const counterModel: Model<CounterInput, CounterOutput, bigint> = {
  initial: 0n,
  answered(state, input, output) {
    const after = input.type === 'add' ? state + input.by : state;
    return output === null || output === after ? after : null;
  },
  unheard: (state, input) => (input.type === 'add' ? state + input.by : null),
  identity: (state) => state.toString(),
  describe: (state) => state.toString(),
};
