/**
 * How much one answer may hold. A node builds it whole, sends it in one frame, and keeps it as long as a session may
 * ask for it again: a get that names a large key a thousand times must not cost a cluster its leader.
 */
import type {
  Bytes,
  GetResult,
  KvRecord,
  PastResult,
  ScanResult,
  StepFailure,
  StepResult,
} from './operation.ts';

/** bytes. The same on every node, whatever its settings say: what a transaction reads is decided in the log. */
export const ANSWER_BYTES_MAX: number = 8 << 20;

/** bytes. Of a record's numbers, about, here and in a frame. */
const RECORD_CHARGE_BYTES = 64;

/** No more than this have room, whatever their size. */
export const ANSWER_RECORDS_MAX: number = ANSWER_BYTES_MAX / RECORD_CHARGE_BYTES;

/** Counts what is put into an answer. A single record always has room, however large it is. */
export class AnswerSize {
  #bytes = 0;
  #records = 0;

  /** False when the answer has no room for it. */
  takes(record: KvRecord | null): boolean {
    if (record === null) return true;
    this.#records += 1;
    this.#bytes += RECORD_CHARGE_BYTES + record.key.length + record.value.length;
    return this.#bytes <= ANSWER_BYTES_MAX || this.#records === 1;
  }
}

type TooLarge = Extract<StepFailure, { code: 'RESULT_TOO_LARGE' }>;

export function tooLarge(): TooLarge {
  return { code: 'RESULT_TOO_LARGE', limit: ANSWER_BYTES_MAX };
}

/** Of all keys, or of none: an answer that left one out would say that it is absent. */
export function getAll(
  keys: readonly Bytes[],
  read: (key: Bytes) => KvRecord | null,
): GetResult | { readonly type: 'failure'; readonly failure: TooLarge } {
  const size = new AnswerSize();
  const records: (KvRecord | null)[] = [];
  for (const key of keys) {
    const record = read(key);
    if (!size.takes(record)) return { type: 'failure', failure: tooLarge() };
    records.push(record);
  }
  return { type: 'get', records };
}

/** All records in what a step has given. */
export function recordsIn(result: StepResult): readonly (KvRecord | null)[] {
  switch (result.type) {
    case 'put':
      return [result.previous];
    case 'delete':
      return result.previous;
    case 'increment':
      return [];
    case 'get':
    case 'scan':
    case 'past':
      return recordsRead(result);
    case 'txn':
      return result.results.flatMap(recordsIn);
  }
}

function recordsRead(result: GetResult | ScanResult | PastResult): readonly (KvRecord | null)[] {
  return result.type === 'past' ? recordsRead(result.result) : result.records;
}
