import type { Entry } from '../../../src/raft/entry.ts';
import type { Write } from '../../../src/raft/io.ts';
import type { Membership } from '../../../src/raft/membership.ts';
import type { NodeId } from '../../../src/raft/types.ts';
import type { LogStore } from '../../../src/storage/index.ts';

export function nodeId(name: string): NodeId {
  if (!isNodeId(name)) throw new Error('a node id has at least one character');
  return name;
}

function isNodeId(name: string): name is NodeId {
  return name !== '';
}

export const MEMBERS: Membership = {
  voters: ['n1', 'n2', 'n3'].map(nodeId),
  outgoing: [],
  learners: [],
};

export function written(log: LogStore, write: Write): Promise<void> {
  return new Promise((resolve, reject) => {
    log.write(write, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

export function readEntries(
  log: LogStore,
  from: number,
  to: number,
  bytesMax = 1e9,
): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    log.read(from, to, bytesMax, (error, entries) => {
      if (error === null) resolve(entries);
      else reject(error);
    });
  });
}

/** Everything in the log, as a reader that fetches it in one go. */
export async function wholeLog(log: LogStore, last: number): Promise<readonly Entry[]> {
  return last === 0 ? [] : readEntries(log, 1, last);
}

export function command(index: number, term: number, text: string): Entry {
  return { kind: 'command', index, term, data: Uint8Array.from(Buffer.from(text)) };
}

export function commands(from: number, to: number, term: number): readonly Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) =>
    command(from + i, term, `entry ${from + i}/${term}`),
  );
}

let seq = 0;

/** A write of term 1 that appends, unless said otherwise. */
export function append(entries: readonly Entry[], more: Partial<Write> = {}): Write {
  seq += 1;
  const term = entries.at(-1)?.term ?? 1;
  const hardState = { term, votedFor: nodeId('n2') };
  return { seq, hardState, truncateFrom: null, append: entries, commitHint: 0, ...more };
}
