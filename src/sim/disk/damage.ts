/**
 * What goes wrong with bytes at rest. LevelDB under `level` hides most of it (reliability.md 0): a flipped bit in its
 * log is a hole or a lost tail in whole batches, in a table it is a wrong value.
 */
import { STATE_KEY } from '../../storage/keys.ts';
import { decodeState } from '../../storage/state-record.ts';
import { readSlots, WATERMARK_FILE } from '../../storage/watermark-slots.ts';
import type { Device } from './device.ts';
import { keyText, OrderedRecords } from './ordered-records.ts';

export type Damage =
  | { readonly kind: 'bit flip'; readonly of: 'record' | 'newest block' | 'file' }
  /** One record, as when a block of a table is skipped. */
  | { readonly kind: 'lost record' }
  /** One of the latest batches, while later ones are found. */
  | { readonly kind: 'hole' }
  | { readonly kind: 'lost tail'; readonly batches: number }
  /** The latest batches, until the log is so many behind what the watermark says. */
  | { readonly kind: 'lost batches'; readonly behind: number }
  | { readonly kind: 'lost file' }
  /** The log's folder; identity and watermark stay. */
  | { readonly kind: 'lost log' }
  | { readonly kind: 'wiped' };

/** False when there was nothing to damage: then it is not counted either. */
export function inflict(device: Device, damage: Damage): boolean {
  const happened = attempt(device, damage);
  if (happened) device.counts.count(damage.kind);
  return happened;
}

function attempt(device: Device, damage: Damage): boolean {
  switch (damage.kind) {
    case 'bit flip':
      return damage.of === 'file' ? flipInFile(device) : flipInRecord(device, damage.of);
    case 'lost record':
      return loseRecord(device);
    case 'hole':
      return loseBatch(device);
    case 'lost tail':
      return loseTail(device, damage.batches);
    case 'lost batches':
      return loseBatches(device, damage.behind);
    case 'lost file':
      return loseFile(device);
    case 'lost log':
      return loseLog(device);
    case 'wiped':
      return wipe(device);
  }
}

function flipInRecord({ image, dice }: Device, of: 'record' | 'newest block'): boolean {
  if (image.records.size < RECORDS_LEAST) return false;
  // The state record comes behind all blocks.
  const newest = image.records.size - 2;
  const position = of === 'newest block' ? newest : drawPosition(dice, image.records.size);
  const record = image.records.at(position);
  if (record === undefined) return false;
  image.flipRecordBit(position, dice.damage.below((record.key.length + record.value.length) * 8));
  return true;
}

function flipInFile({ image, dice }: Device): boolean {
  const files = [...image.files].filter(([, content]) => content.length > 0);
  if (files.length === 0) return false;
  const [name, content] = dice.damage.pick(files);
  image.flipFileBit(name, dice.damage.below(content.length * 8));
  return true;
}

/** Of a single record that the watermark does not know yet, nobody could tell that it is gone. */
const RECORDS_LEAST = 2;

/** Where it was written last is where most goes wrong: half of the time it is one of the newest blocks, or the record. */
function drawPosition({ damage }: Device['dice'], count: number): number {
  return damage.chance(50) ? count - 1 - damage.below(Math.min(3, count)) : damage.below(count);
}

function loseRecord({ image, dice }: Device): boolean {
  if (image.records.size < RECORDS_LEAST) return false;
  const record = image.records.at(drawPosition(dice, image.records.size));
  if (record !== undefined) image.records.delete(keyText(record.key));
  return record !== undefined;
}

function loseBatch({ journal, dice }: Device): boolean {
  const batches = journal.entries.filter((entry) => entry.change.kind === 'batch').slice(0, -1);
  if (batches.length === 0) return false;
  const lost = dice.damage.pick(batches);
  return journal.keep((entry) => entry !== lost) > 0;
}

function loseTail({ journal }: Device, count: number): boolean {
  const batches = journal.entries.filter((entry) => entry.change.kind === 'batch');
  const lost = new Set(batches.slice(-count));
  return journal.keep((entry) => !lost.has(entry)) > 0;
}

/** Never fewer than asked for: what the watermark does not know yet, nobody could miss. */
function loseBatches(device: Device, behind: number): boolean {
  const count = unrecorded(device) + behind;
  const batches = device.journal.entries.filter((entry) => entry.change.kind === 'batch');
  return batches.length >= count && loseTail(device, count);
}

/** By so many batches the watermark lags. */
function unrecorded({ image }: Device): number {
  const state = decodeState(image.records.get(keyText(STATE_KEY))?.value);
  const file = image.files.get(WATERMARK_FILE);
  const recorded = file === undefined ? 0 : (readSlots(file).newest?.writes ?? 0);
  return state.kind === 'sound' ? state.state.writes - recorded : 0;
}

/** The last thing that was written is a term or a vote, and the watermark knows. */
export function endsInPromise(device: Device): boolean {
  const last = device.journal.entries.findLast(({ change }) => change.kind === 'batch')?.change;
  return last?.kind === 'batch' && last.puts.length === 1 && unrecorded(device) === 0;
}

/** The last thing that was written is a block, and the watermark does not know it yet: the state record alone does. */
export function endsInUnrecordedEntries(device: Device): boolean {
  const last = device.journal.entries.findLast(({ change }) => change.kind === 'batch')?.change;
  return last?.kind === 'batch' && last.puts.length > 1 && unrecorded(device) > 0;
}

function loseFile({ image, journal, dice }: Device): boolean {
  const names = [...image.files.keys()];
  if (names.length === 0) return false;
  image.files.delete(dice.damage.pick(names));
  journal.forget();
  return true;
}

function loseLog({ image, journal }: Device): boolean {
  if (!image.hasLog) return false;
  image.hasLog = false;
  image.records = new OrderedRecords();
  journal.forget();
  return true;
}

function wipe({ image, journal }: Device): boolean {
  if (!image.made) return false;
  image.files.clear();
  image.hasLog = false;
  image.records = new OrderedRecords();
  journal.forget();
  return true;
}
