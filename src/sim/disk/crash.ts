/**
 * What a process leaves behind when it ends, however it ends.
 *
 *                     exit or kill          power cut
 *   synced            stays                 stays
 *   unsynced          stays in the cache    a prefix or any subset stays
 *   in flight         the same lottery      the same lottery; files may be torn
 *   acknowledged, but never stored          goes
 */
import { unfinishedName } from '../../storage/file-engine.ts';
import { type Device, type Fate, SECTOR_BYTES } from './device.ts';
import type { Change } from './image.ts';

export type ProcessEnd = 'exit' | 'power cut';

/** Begun, not acknowledged. */
export interface Flying {
  readonly change: Change;
  readonly fate: Fate;
}

export function crash(device: Device, flying: readonly Flying[], how: ProcessEnd): void {
  const { journal, counts } = device;
  const cached = how === 'power cut' ? journal.entries.filter((each) => each.footing === 'unsynced') : [];
  const survives = drawSurvivors(device, cached.length + flying.length);
  const gone = new Set(cached.filter((_, i) => survives[i] === false));
  for (let i = 0; i < gone.size; i += 1) counts.count('unsynced write lost');
  journal.keep((entry) => entry.footing !== 'doomed' && !gone.has(entry));
  for (const [i, { change, fate }] of flying.entries()) {
    const canSurvive = fate !== 'lost' && fate !== 'no space' && fate !== 'refused';
    const left = leave(device, change, canSurvive && survives[cached.length + i] === true, how);
    counts.count(left === null ? 'write in flight lost' : 'write in flight kept');
    if (left !== null) journal.apply(left, 'unsynced');
  }
  if (how === 'power cut') journal.sync();
}

function drawSurvivors({ dice, faults }: Device, count: number): readonly boolean[] {
  const first = dice.crash.below(count + 1);
  const each = Array.from({ length: count }, () => dice.crash.chance(50));
  return faults.unsynced === 'prefix' ? each.map((_, i) => i < first) : each;
}

/** null: nothing of it. */
function leave(device: Device, change: Change, survives: boolean, how: ProcessEnd): Change | null {
  const isTorn = how === 'power cut' && device.dice.crash.chance(device.faults.tornPercent);
  if (change.kind === 'overwrite' && survives && isTorn) return torn(device, change, change.content);
  if (change.kind === 'replace' && !survives && isTorn && change.content !== null) {
    // The file beside it, torn or whole; the rename comes only after its sync.
    return torn(device, { ...change, name: unfinishedName(change.name) }, change.content);
  }
  return survives ? change : null;
}

/** Sector by sector: old, new, or garbage where the power went. */
function torn(
  { dice, image, counts }: Device,
  change: Extract<Change, { kind: 'overwrite' | 'replace' }>,
  content: Uint8Array,
): Change {
  counts.count('torn write');
  const offset = change.kind === 'overwrite' ? change.offset : 0;
  const old = image.files.get(change.name)?.subarray(offset) ?? new Uint8Array(0);
  const mixed = content.slice();
  for (let at = 0; at < mixed.length; at += SECTOR_BYTES) {
    const end = Math.min(at + SECTOR_BYTES, mixed.length);
    const lot = dice.crash.below(10);
    if (lot < 4) mixed.fill(0, at, end).set(old.subarray(at, end), at);
    if (lot === 4) mixed.set(dice.crash.bytes(end - at), at);
  }
  return { ...change, content: mixed };
}
