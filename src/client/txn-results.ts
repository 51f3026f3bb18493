/** What a transaction gave, step by step. */
import type { StepResult, TxnReply } from '../wire/client-protocol.ts';
import { Entry, toEntry } from './entry.ts';
import { deleteResult, foreign, putResult } from './replies.ts';
import type { ScanPage, Txn, TxnResult, TxnStep, TxnStepResult } from './txn-types.ts';

export function txnResult<Do extends readonly TxnStep[], Otherwise extends readonly TxnStep[]>(
  txn: Txn<Do, Otherwise>,
  reply: TxnReply,
): TxnResult<Do, Otherwise> {
  const { succeeded, revision } = reply;
  const steps: readonly TxnStep[] = succeeded ? txn.do : (txn.otherwise ?? []);
  if (steps.length !== reply.results.length) throw foreign('txn');
  const results = steps.map((step, place) => stepResult(step, reply.results[place]));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a mapped tuple; each place was checked above
  return { succeeded, revision, results } as unknown as TxnResult<Do, Otherwise>;
}

function stepResult(step: TxnStep, result: StepResult | undefined): TxnStepResult {
  switch (result?.type) {
    case 'put':
      return expected('put' in step, putResult(result));
    case 'delete':
      return expected('delete' in step, deleteResult(result));
    case 'increment':
      return expected('increment' in step, { value: result.value, revision: result.revision });
    case 'txn':
      if ('txn' in step) return txnResult(step.txn, result);
      break;
    case 'get':
      return entriesOf(step, result.records);
    case 'scan':
      return pageOf(step, result, result.more);
    case 'past':
      return result.result.type === 'get'
        ? entriesOf(step, result.result.records)
        : pageOf(step, result.result, result.resume !== null);
    case undefined:
  }
  throw foreign('a step');
}

function expected<Result>(isAsked: boolean, result: Result): Result {
  if (isAsked) return result;
  throw foreign('a step');
}

function entriesOf(
  step: TxnStep,
  records: Extract<StepResult, { type: 'get' }>['records'],
): Entry | undefined | readonly (Entry | undefined)[] {
  if ('get' in step && records.length === 1) return toEntry(records[0]);
  return expected('getMany' in step && records.length === step.getMany.length, records.map(toEntry));
}

function pageOf(
  step: TxnStep,
  { records, count }: Extract<StepResult, { type: 'scan' }>,
  more: boolean,
): ScanPage | number {
  if ('count' in step) return count;
  return expected('scan' in step, { entries: records.map((record) => new Entry(record)), more });
}
