/** A transaction as programs write it, and its results, each of the type of its step. */
import type { Entry } from './entry.ts';
import type { Key } from './keys.ts';
import type { KeyConditions, LeaseChoice, RevisionBounds } from './options.ts';
import type { Range } from './ranges.ts';
import type { DeleteResult, IncrementResult, PutResult } from './replies.ts';
import type { Value } from './values.ts';

/**
 * Compares, then does one of two lists: all of it, as one revision, or nothing.
 *
 *   { when: [{ key: 'a', modRevision: 5 }], do: [{ put: 'a', value: 'x' }], otherwise: [{ get: 'a' }] }
 */
export interface Txn<
  Do extends readonly TxnStep[] = readonly TxnStep[],
  Otherwise extends readonly TxnStep[] = readonly TxnStep[],
> {
  /**
   * All must hold for `do` to be done.
   *
   * @default []: `do` is done
   */
  readonly when?: readonly TxnCompare[] | undefined;
  readonly do: Do;
  /** @default [] */
  readonly otherwise?: Otherwise | undefined;
}

/**
 * One of `value`, `version`, `createRevision`, `modRevision`, `lease`, of a key or of every key in a range. Where there
 * is no key the numbers are 0, so `{ key, version: 0 }` says absent; no comparison of its value holds.
 */
export type TxnCompare = ({ readonly key: Key } | Range) &
  TxnOperand & {
    /** @default '=' */
    readonly operator?: '=' | '!=' | '<' | '>' | undefined;
  };

export type TxnOperand =
  | { readonly value: Value }
  | { readonly version: number }
  | { readonly createRevision: number }
  | { readonly modRevision: number }
  | { readonly lease: bigint };

/** What a step can do; steps see what those before them did. */
export type TxnStep =
  | PutStep
  | DeleteStep
  | IncrementStep
  | GetStep
  | GetManyStep
  | ScanStep
  | CountStep
  | NestedStep;

/** Conditions of a step reject the whole transaction with CONFLICT; `when` chooses between two ways instead. */
export interface PutStep extends KeyConditions, LeaseChoice {
  readonly put: Key;
  readonly value: Value;
  readonly ifAbsent?: boolean | undefined;
  readonly ifPresent?: boolean | undefined;
  readonly returnPrevious?: boolean | undefined;
}

export interface DeleteStep extends KeyConditions {
  readonly delete: Key | Range;
  readonly ifPresent?: boolean | undefined;
  readonly returnPrevious?: boolean | undefined;
}

export interface IncrementStep {
  readonly increment: Key;
  /** @default 1n */
  readonly by?: bigint | undefined;
}

interface PastStep {
  /** @default the state that the transaction works on */
  readonly atRevision?: number | undefined;
}

export interface GetStep extends PastStep {
  readonly get: Key;
}

export interface GetManyStep extends PastStep {
  readonly getMany: readonly Key[];
}

/** One page; when there is `more`, it goes on behind (reverse: before) the last entry. */
export interface ScanStep extends PastStep, RevisionBounds {
  readonly scan: Range;
  readonly limit?: number | undefined;
  readonly reverse?: boolean | undefined;
  readonly keysOnly?: boolean | undefined;
}

/** Of the state that the transaction works on; `db.count` counts the past. */
export interface CountStep {
  readonly count: Range;
}

export interface NestedStep {
  readonly txn: Txn;
}

/** `succeeded`: the compares held, and `do` was done. `revision`: the one that it made, or the current one. */
export type TxnResult<
  Do extends readonly TxnStep[] = readonly TxnStep[],
  Otherwise extends readonly TxnStep[] = readonly TxnStep[],
> =
  | { readonly succeeded: true; readonly revision: number; readonly results: ResultsOf<Do> }
  | { readonly succeeded: false; readonly revision: number; readonly results: ResultsOf<Otherwise> };

export type ResultsOf<Steps extends readonly TxnStep[]> = {
  readonly [Place in keyof Steps]: ResultOf<Steps[Place]>;
};

type ResultOf<Step> = Step extends PutStep
  ? PutResult
  : Step extends DeleteStep
    ? DeleteResult
    : Step extends IncrementStep
      ? IncrementResult
      : Step extends GetStep
        ? Entry | undefined
        : Step extends GetManyStep
          ? readonly (Entry | undefined)[]
          : Step extends ScanStep
            ? ScanPage
            : Step extends CountStep
              ? number
              : Step extends { readonly txn: Txn<infer Do, infer Otherwise> }
                ? TxnResult<Do, Otherwise>
                : never;

export interface ScanPage {
  readonly entries: readonly Entry[];
  readonly more: boolean;
}

/** What a step gave, whichever it was. */
export type TxnStepResult =
  | PutResult
  | DeleteResult
  | IncrementResult
  | Entry
  | undefined
  | readonly (Entry | undefined)[]
  | ScanPage
  | number
  | TxnResult;
