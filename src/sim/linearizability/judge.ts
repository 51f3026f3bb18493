/**
 * Both checkers on one history. They know different things, so each guards the other: what the witness accepts, the
 * search must be able to follow; where it refutes it, one of them is wrong and no verdict of either counts.
 *
 * The other way round is no contradiction: the witness sees what no client has noticed yet (a lost write that nobody
 * read, a stale read that an operation of unknown outcome would excuse).
 */
import { checkBlackBox } from './black-box.ts';
import type { BlackBoxOptions, Verdict } from './black-box.ts';
import type { ClientOperation, CommittedLog, History } from './history.ts';
import { settleUnknown } from './settle-unknown.ts';
import { positionSeenAt } from './witness/slots.ts';
import { checkWitness } from './witness/witness.ts';
import type { WitnessOptions, WitnessVerdict } from './witness/witness.ts';

export interface Judgement {
  /** `unknown` and `contradiction` are failures as much as `illegal` is. */
  readonly verdict: 'legal' | 'illegal' | 'unknown' | 'contradiction';
  readonly blackBox: Verdict;
  readonly witness: WitnessVerdict;
  /** For people; empty where all is well. */
  readonly report: string;
}

/** Where the witness has found something, the verdict stands, and the search only says where to look. About a second. */
const STEPS_FOR_A_REPORT = 1_000_000;

/** `log`: all that was committed from the first entry on, until after the last operation returned. */
export function judge(
  history: History,
  log: CommittedLog,
  options: BlackBoxOptions & WitnessOptions = {},
): Judgement {
  const witness = checkWitness(history, log, options);
  const blackBox =
    witness.type === 'legal'
      ? followWitness(history, witness, options)
      : checkBlackBox(history, { stepsMax: STEPS_FOR_A_REPORT, ...options });
  const verdict = verdictOf(witness, blackBox);
  return { verdict, blackBox, witness, report: reportOf(verdict, witness, blackBox) };
}

type Witnessed = Extract<WitnessVerdict, { readonly type: 'legal' }>;

/** What the log settles about unknown outcomes is taken over, and its order shows the search the way. */
function followWitness(history: History, witness: Witnessed, options: BlackBoxOptions): Verdict {
  const settled = settleUnknown(history, witness);
  const hint = (operation: ClientOperation): number => {
    if (operation.type === 'write') return settled.positions.get(operation.callId) ?? Infinity;
    return operation.outcome.type === 'ok' ? positionSeenAt(operation.outcome.output.revision) : Infinity;
  };
  return checkBlackBox(settled.history, { hint, leaseEnds: settled.leaseEnds, ...options });
}

function verdictOf(witness: WitnessVerdict, blackBox: Verdict): Judgement['verdict'] {
  if (witness.type === 'illegal') return 'illegal';
  return blackBox.type === 'illegal' ? 'contradiction' : blackBox.type;
}

function reportOf(verdict: Judgement['verdict'], witness: WitnessVerdict, blackBox: Verdict): string {
  const lines: string[] = [];
  if (verdict === 'contradiction') {
    lines.push('The two checkers contradict each other: the witness accepts what the search refutes.');
  }
  if (witness.type === 'illegal') {
    lines.push(`The log bears witness against ${witness.violationCount} answers:`);
    for (const { law, message } of witness.violations) lines.push(`  ${law}: ${message}`);
  }
  if (blackBox.type === 'illegal') lines.push(blackBox.refutation.report);
  if (blackBox.type === 'unknown') {
    const keys = blackBox.keys.map((key) => JSON.stringify(key)).join(', ');
    lines.push(`The search gave up on ${blackBox.operationCount} operations on ${keys}.`);
  }
  return lines.join('\n');
}
