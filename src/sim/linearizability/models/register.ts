/** One value, as most foreign histories have it: read, write, compare-and-set. */
import type { Model } from '../model.ts';

export type RegisterInput =
  | { readonly type: 'read' }
  | { readonly type: 'write'; readonly value: string }
  | { readonly type: 'compareAndSet'; readonly expected: string; readonly value: string };

/** What was read; or whether a compare-and-set took effect. A write answers nothing. */
export type RegisterOutput = string | boolean | null;

export function registerModel(initial: string): Model<RegisterInput, RegisterOutput, string> {
  return {
    initial,
    answered(state, input, output) {
      switch (input.type) {
        case 'read':
          return state === output ? state : null;
        case 'write':
          return input.value;
        case 'compareAndSet':
          if ((state === input.expected) !== output) return null;
          return output ? input.value : state;
      }
    },
    unheard(state, input) {
      if (input.type === 'read') return null;
      return input.type === 'write' || state === input.expected ? input.value : null;
    },
    identity: (state) => state,
    describe: (state) => JSON.stringify(state),
  };
}
