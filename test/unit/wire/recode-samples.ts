/** A program of its own: decodes and encodes every kind of frame where no code can be made from strings. */
import { unpackFrame } from '../../../src/wire/frame.ts';
import { FRAMES, LIMITS } from './formats.ts';

/** Says whether the flag that this program was started with works. */
function codeFromStrings(): boolean {
  try {
    return Reflect.construct(Function, ['return true'])() === true;
  } catch {
    return false;
  }
}

const wrong = FRAMES.filter(({ bytes, recode }) => {
  const recoded = recode(Uint8Array.from(bytes));
  return recoded === null || Buffer.compare(recoded, bytes) !== 0;
}).map(({ title }) => title);

/** Many equal records are what msgpackr makes a reader for, out of a string. */
const record = [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01];
const records = Uint8Array.from([0x9f, ...record, ...Array.from({ length: 14 }, () => [0x40, 0x01]).flat()]);

process.stdout.write(
  JSON.stringify({
    codeFromStrings: codeFromStrings(),
    frames: FRAMES.length,
    wrong,
    records: unpackFrame(records, LIMITS).ok,
  }),
);
