/**
 * A log that tells what has become durable and what is read from it. After a truncation it is read back, as a leader
 * would do it later: a cache or a block that shows what was cut off is seen then, and not one time in a thousand.
 */
import type { Entry } from '../../raft/entry.ts';
import type { Write } from '../../raft/io.ts';
import type { NodeId } from '../../raft/types.ts';
import type { LogStore } from '../../storage/index.ts';
import { QuorateError } from '../../wire/errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { LawBroken, type Observation } from '../laws/law.ts';
import { READS_AS_WRITTEN } from '../laws/reads-as-written.ts';
import type { Incarnation } from './incarnation.ts';

const PAGE_BYTES = 4 * 1024 * 1024;

/** Answers reach the process as its events. */
export function observedLog(
  log: LogStore,
  node: NodeId,
  self: Incarnation,
  observe: (observation: Observation) => void,
  kernel: Kernel,
): LogStore {
  /** Begun and ended: odd while one is under way. */
  let cuts = 0;
  const read: LogStore['read'] = (from, to, bytesMax, done) => {
    const before = cuts;
    kernel.promised();
    log.read(from, to, bytesMax, (error, entries) => {
      // What is cut meanwhile may be read or not.
      const isSettled = before % 2 === 0 && cuts === before;
      if (error === null && isSettled) observe({ type: 'read', node, from, entries });
      done(error, entries);
    });
  };
  const readBack = ({ truncateFrom, append }: Write): void => {
    const last = append.at(-1)?.index ?? 0;
    // The end by itself too: it is looked up by another key.
    for (const from of new Set([truncateFrom ?? last, last])) {
      read(from, last, PAGE_BYTES, (error) => {
        if (error === null || !self.isAlive || isOfTheDisk(error)) return;
        kernel.fail(new LawBroken(READS_AS_WRITTEN, node, kernel.now(), error.message));
      });
    }
  };
  return {
    recovered: log.recovered,
    clusterTimeMs: log.clusterTimeMs,
    write: (write, done) => {
      const isCut = write.truncateFrom !== null;
      if (isCut) cuts += 1;
      log.write(write, (error) => {
        if (isCut) cuts += 1;
        if (error === null) observe({ type: 'durable', node, through: write.seq });
        if (error === null && self.isAlive && isCut && write.append.length > 0) readBack(write);
        if (error !== null) self.promising = true;
        self.run(() => done(error));
      });
    },
    read: (from, to, bytesMax, done) =>
      read(from, to, bytesMax, (error, entries) => self.run(() => done(error, entries))),
    close: () => log.close(),
  };
}

export async function readAll(log: LogStore): Promise<readonly Entry[]> {
  const { last } = log.recovered;
  if (last.index === 0) return [];
  const entries: Entry[] = [];
  while (entries.length < last.index) {
    const page = await new Promise<readonly Entry[]>((resolve, reject) => {
      log.read(entries.length + 1, last.index, PAGE_BYTES, (error, found) => {
        if (error === null) resolve(found);
        else reject(error);
      });
    });
    if (page.length === 0) throw new Error(`the log has nothing at ${entries.length + 1}`);
    for (const entry of page) entries.push(entry);
  }
  return entries;
}

function isOfTheDisk(error: Error): boolean {
  return QuorateError.is(error) && error.code === 'IO_FAILED';
}
