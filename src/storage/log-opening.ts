/**
 * From a directory at rest to a log that may be written: read the witnesses, scan the log, judge (recovery.ts), cut
 * what may be cut, and record where it ends. Nothing is written before the verdict.
 */
import type { DurableState } from '../raft/io.ts';
import type { Membership } from '../raft/membership.ts';
import type { HardState } from '../raft/types.ts';
import { type ChainPoint, chainStart } from './chain.ts';
import type { FileEngine, KeyValueEngine } from './interfaces.ts';
import { STATE_KEY } from './keys.ts';
import { type LogScan, scanLog } from './log-scan.ts';
import { BLOCK_BYTES_MAX, blockKeysFrom, CACHE_BYTES_MAX, DurableLog } from './log-store.ts';
import { judge } from './recovery.ts';
import { ioFailed, unsupported } from './refusals.ts';
import { decodeState, encodeState, STATE_VERSION, type StateRecord } from './state-record.ts';
import { DurableWatermark, type Schedule } from './watermark.ts';
import {
  encodeSlot,
  type ReadSlots,
  readSlots,
  slotOffset,
  WATERMARK_FILE,
  WATERMARK_VERSION,
  type Watermark,
} from './watermark-slots.ts';

export interface OpenLogOptions {
  readonly engine: KeyValueEngine;
  readonly files: FileEngine;
  /** 32 hex digits; the log of another directory does not fit it. */
  readonly incarnation: string;
  readonly genesisMembership: Membership;
  readonly schedule: Schedule;
  /** Told in a sentence what was repaired. */
  readonly warn: (message: string) => void;
  /** @default BLOCK_BYTES_MAX */
  readonly blockBytesMax?: number;
  /** @default CACHE_BYTES_MAX */
  readonly cacheBytesMax?: number;
}

const NO_TERM: HardState = { term: 0, votedFor: null };

export async function openLog(options: OpenLogOptions): Promise<DurableLog> {
  const { engine, files } = options;
  const start = chainStart(options.incarnation);
  const slots = await findSlots(files);
  const [record] = await engine.range(STATE_KEY, STATE_KEY, 1, false);
  const found = decodeState(record?.value);
  if (found.kind === 'unsupported')
    throw unsupported('the record of term and vote', found.version, STATE_VERSION);
  const ask = [slots?.newest?.end.index ?? 0, found.kind === 'sound' ? found.state.end.index : 0];
  const scan = await scanLog(engine, start, options.genesisMembership, ask);

  const verdict = judge({ slots, state: found, scan });
  if (verdict.kind === 'refuse') throw verdict.error;
  if (slots?.unreadable === 1)
    options.warn('one slot of the watermark file is unreadable; the other one is used');

  let state = stateAt(scan, found.kind === 'sound' ? found.state : freshState(start));
  if (verdict.kind === 'cut') {
    options.warn(`the log was cut after index ${verdict.after.index}: ${verdict.detail}`);
    state = await cutTail(engine, state);
  }
  const written = await recordEnd(files, slots?.newest ?? null, state);
  return new DurableLog({
    engine,
    recovered: recoveredOf(scan, state),
    clusterTimeMs: scan.clusterTimeMs,
    state,
    blockBytesMax: options.blockBytesMax ?? BLOCK_BYTES_MAX,
    cacheBytesMax: options.cacheBytesMax ?? CACHE_BYTES_MAX,
    watermark: (onFailure) => new DurableWatermark({ files, schedule: options.schedule, written, onFailure }),
  });
}

async function findSlots(files: FileEngine): Promise<ReadSlots | null> {
  const file = await files.read(WATERMARK_FILE);
  if (file === null) return null;
  const slots = readSlots(file);
  if (slots.unsupported !== null)
    throw unsupported('the watermark file', slots.unsupported, WATERMARK_VERSION);
  return slots;
}

function freshState(start: ChainPoint): StateRecord {
  return { writes: 0, hardState: NO_TERM, commitHint: 0, end: start };
}

/** A tail beyond the record is kept if it is sound; the hint may then not claim what the log does not have. */
function stateAt(scan: LogScan, record: StateRecord): StateRecord {
  return { ...record, end: scan.end, commitHint: Math.min(record.commitHint, scan.end.index) };
}

async function cutTail(engine: KeyValueEngine, state: StateRecord): Promise<StateRecord> {
  const cut: StateRecord = { ...state, writes: state.writes + 1 };
  const deletes = await blockKeysFrom(engine, state.end.index + 1);
  await new Promise<void>((resolve, reject) => {
    engine.write({ deletes, puts: [{ key: STATE_KEY, value: encodeState(cut) }] }, (error) => {
      if (error === null) resolve();
      else reject(ioFailed('the torn end of the log could not be cut', error));
    });
  });
  return cut;
}

/** What an opening has verified is durable (LevelDB rewrites its own log when it opens), so the window starts empty. */
async function recordEnd(
  files: FileEngine,
  newest: Watermark | null,
  state: StateRecord,
): Promise<Watermark> {
  const next: Watermark = { sequence: (newest?.sequence ?? 0) + 1, writes: state.writes, end: state.end };
  if (newest !== null && newest.writes === next.writes && newest.end.index === next.end.index) return newest;
  await new Promise<void>((resolve, reject) => {
    files.overwrite(WATERMARK_FILE, slotOffset(next), encodeSlot(next), (error) => {
      if (error === null) resolve();
      else reject(ioFailed('the watermark could not be written', error));
    });
  });
  return next;
}

function recoveredOf(scan: LogScan, state: StateRecord): DurableState {
  return {
    hardState: state.hardState,
    last: { index: scan.end.index, term: scan.end.term },
    terms: scan.terms,
    memberships: scan.memberships,
    commitHint: state.commitHint,
  };
}
