/**
 * A sequential object, the way the search asks it. Everything is deterministic: where an object may choose (when a
 * lease runs out, say), let the state be the set of what it may have become.
 */
export interface Model<Input, Output, State> {
  readonly initial: State;

  /** The state after `input` was done and gave `output`; null where it cannot have given that. */
  answered(state: State, input: Input, output: Output): State | null;

  /** The state after `input` was done and nobody heard the answer; null where it changes nothing. */
  unheard(state: State, input: Input): State | null;

  /** Equal for equal states and only for them: what the cache of the search goes by. */
  identity(state: State): string | number;

  /** For people. */
  describe(state: State): string;
}

/** One operation as the search sees it. An unheard one may take effect at any time after its call, or never. */
export interface TimedCall<Input, Output> {
  readonly callMs: number;
  /** Infinity when unheard. */
  readonly returnMs: number;
  readonly input: Input;
  readonly heard: { readonly output: Output } | null;
}
