/** Runs in a process of its own, so that it can be killed: `write FOLDER` or `open FOLDER`. */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openDataDirectory } from '../../../src/storage/index.ts';
import { QuorateError } from '../../../src/wire/errors.ts';
import { apply, modelOf, stepAt, writeFor } from './model.ts';
import { MEMBERS, written } from '../../unit/storage/log-calls.ts';

/** At once, and before anything else happens: what was said is known even if the next instant kills us. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const schedule = (delayMs: number, fn: () => void): void => {
  setTimeout(fn, delayMs);
};

async function main(mode: string, folder: string, from: number): Promise<void> {
  const directory = await openDataDirectory({ path: folder, nodeId: 'n1', randomBytes, schedule });
  const log = await directory.openLog(MEMBERS);
  say('open');
  if (mode !== 'write') return;
  let model = await modelOf(log);
  for (let seq = from; ; seq++) {
    const write = writeFor(model, stepAt(seq), seq);
    await written(log, write);
    say(String(seq));
    model = apply(model, write);
  }
}

try {
  await main(process.argv[2] ?? '', process.argv[3] ?? '', Number(process.argv[4] ?? 1));
} catch (error) {
  say(QuorateError.is(error) ? error.code : String(error));
}
