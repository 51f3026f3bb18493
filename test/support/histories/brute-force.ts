/** All orders, tried one after the other: no cache, no hint, no partition. For as few operations as ten. */
import type { Model, TimedCall } from '../../../src/sim/linearizability/index.ts';

export function isLinearizable<Input, Output, State>(
  model: Model<Input, Output, State>,
  calls: readonly TimedCall<Input, Output>[],
): boolean {
  return canGoOn(model, calls, model.initial);
}

function canGoOn<Input, Output, State>(
  model: Model<Input, Output, State>,
  left: readonly TimedCall<Input, Output>[],
  state: State,
): boolean {
  if (left.every((call) => call.heard === null)) return true;
  const firstReturnMs = Math.min(...left.map((call) => call.returnMs));
  return left.some((call) => {
    if (call.callMs > firstReturnMs) return false;
    const { input, heard } = call;
    const after = heard === null ? model.unheard(state, input) : model.answered(state, input, heard.output);
    if (after === null) return false;
    const others = left.filter((other) => other !== call);
    return canGoOn(model, others, after);
  });
}
