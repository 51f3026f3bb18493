import type { Message } from '../../raft/index.ts';
import type { NodeState } from './automaton.ts';
import type { DiskImage } from './explored-node.ts';

/** A law of the whole cluster is broken; those of one node throw from within the core. */
export class ExploredLawBroken extends Error {
  override readonly name = 'ExploredLawBroken';
}

export function hold(holds: boolean, law: string): void {
  if (!holds) throw new ExploredLawBroken(law);
}

/** A promise is on the sender's disk when it leaves (edge cases A3 to A6). */
export function checkPromise(message: Message, disk: DiskImage): void {
  const { term, votedFor } = disk.hardState;
  if (message.type === 'vote') {
    hold(
      term === message.term && votedFor === message.from,
      'a vote is asked for once the own vote is on disk',
    );
  }
  if (message.type === 'voteReply' && message.granted) {
    hold(term === message.term && votedFor === message.to, 'a vote leaves once it is on disk');
  }
  if (message.type === 'appendReply' && message.result.accepted) {
    const { match } = message.result;
    hold(
      term === message.term && disk.entries.length >= match,
      'an acknowledgement leaves once it is on disk',
    );
  }
}

/** What must be remembered to judge a state by how it came about. */
export interface Memory {
  /** Terms that have had a leader. */
  readonly led: readonly number[];
  /** Committed entries by name, from index 1. */
  readonly committed: readonly string[];
  /** The term in which each of them was committed. */
  readonly committedIn: readonly number[];
}

export const NOTHING: Memory = { led: [], committed: [], committedIn: [] };

/** Election Safety: one leader per term, and one that restarted is another. And Leader Completeness. */
export function elect(memory: Memory, node: NodeState, terms: readonly number[]): Memory {
  if (terms.length === 0) return memory;
  for (const term of terms) {
    hold(!memory.led.includes(term), `term ${term} has one leader (Election Safety)`);
    const complete = memory.committed.every(
      (name, at) => node.log[at] === name || (memory.committedIn[at] ?? 0) >= term,
    );
    hold(complete, 'a leader has everything that was committed in earlier terms (Leader Completeness)');
  }
  return { ...memory, led: [...memory.led, ...terms].toSorted((a, b) => a - b) };
}

/** State Machine Safety, and what is first seen committed is on the disks of a majority. */
export function commit(memory: Memory, node: NodeState, nodes: readonly NodeState[]): Memory {
  const agreed = Math.min(node.committed, memory.committed.length);
  for (let at = 0; at < agreed; at += 1) {
    hold(node.log[at] === memory.committed[at], `index ${at + 1} is committed once (State Machine Safety)`);
  }
  if (node.committed <= memory.committed.length) return memory;
  const committed = node.log.slice(0, node.committed);
  const holders = nodes.filter(({ onDisk }) => committed.every((name, at) => onDisk[at] === name));
  hold(holders.length * 2 > nodes.length, 'what is committed is on the disks of a majority');
  const terms = [...memory.committedIn, ...committed.slice(memory.committedIn.length).map(() => node.term)];
  return { led: memory.led, committed, committedIn: terms };
}

/** Log Matching: logs that agree on a place's term agree on everything up to it. */
export function checkLogMatching(left: readonly string[], right: readonly string[]): void {
  let at = Math.min(left.length, right.length) - 1;
  while (at >= 0 && termOf(left[at]) !== termOf(right[at])) at -= 1;
  for (; at >= 0; at -= 1)
    hold(left[at] === right[at], 'logs agree up to a place of the same term (Log Matching)');
}

function termOf(name: string | undefined): string | undefined {
  return name?.split('=', 1)[0];
}
