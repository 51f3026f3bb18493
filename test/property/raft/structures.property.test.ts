import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backlog } from '../../../src/raft/backlog.ts';
import { EntryTail, entryBytes } from '../../../src/raft/entry-tail.ts';
import { Progress } from '../../../src/raft/progress.ts';
import { TermRuns } from '../../../src/raft/term-runs.ts';
import { Window } from '../../../src/raft/window.ts';
import { WriteQueue } from '../../../src/raft/write-queue.ts';
import type { Entry } from '../../../src/raft/index.ts';
import { nodeId } from './ids.ts';

const RUNS = { numRuns: 1_000 };

/** What is done to a log: some entries of a term that may be later, or a cut. */
const logChange = fc.oneof(
  fc.record({ append: fc.integer({ min: 1, max: 4 }), later: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ cut: fc.integer({ min: 1, max: 12 }) }),
);

test('term runs answer like a plain list of terms, whatever was appended and cut', () => {
  fc.assert(
    fc.property(fc.array(logChange, { maxLength: 12 }), (changes) => {
      const list: number[] = [];
      let runs = new TermRuns([], 0);
      for (const change of changes) {
        if ('cut' in change) {
          list.length = Math.min(list.length, change.cut - 1);
          runs.truncateFrom(change.cut);
        } else {
          const term = (list.at(-1) ?? 1) + change.later;
          for (let i = 0; i < change.append; i += 1) {
            list.push(term);
            runs.append(term);
          }
        }
        agree(runs, list);
        runs = new TermRuns(runsOf(list), list.length);
        agree(runs, list);
      }
    }),
    RUNS,
  );
});

function agree(runs: TermRuns, list: readonly number[]): void {
  expect(runs.lastIndex).toBe(list.length);
  expect(runs.lastTerm).toBe(list.at(-1) ?? 0);
  for (let index = 0; index <= list.length + 1; index += 1) {
    const expected = index === 0 ? 0 : (list[index - 1] ?? null);
    if (runs.termAt(index) !== expected)
      expect({ index, term: runs.termAt(index) }).toEqual({ index, term: expected });
    for (let term = 0; term <= (list.at(-1) ?? 0); term += 1) {
      const at = list.findLastIndex((each, place) => place < index && each <= term) + 1;
      const found = runs.lastWithTermAtMost(index, term);
      const wanted = { index: at, term: list[at - 1] ?? 0 };
      if (found.index !== at || found.term !== wanted.term)
        expect({ index, term, found }).toEqual({ index, term, found: wanted });
    }
  }
}

function runsOf(list: readonly number[]): { from: number; term: number }[] {
  return list.flatMap((term, at) => (term === list[at - 1] ? [] : [{ from: at + 1, term }]));
}

/**
 * A disk that performs writes in order, and a queue that claims what is durable. The queue may claim less than is
 * true, never more: each claimed entry must be, content and all, what the log of now holds at that index.
 */
test('the write queue never claims an entry that is not on disk as it stands in the log now (raft-core.md 1.3)', () => {
  const action = fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ cut: fc.integer({ min: 1, max: 6 }) }),
    fc.constant({ issue: true }),
    fc.record({ finish: fc.integer({ min: 1, max: 3 }) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
      const model = new WriteModel();
      for (const each of actions) {
        if ('append' in each) model.append(each.append);
        else if ('cut' in each) model.cut(each.cut);
        else if ('finish' in each) model.finish(each.finish);
        else model.issue();
        model.check();
      }
      model.issue();
      model.finish(Infinity);
      model.check();
      expect(model.queue.durable.index).toBe(model.log.length);
    }),
    { numRuns: 5_000 },
  );
});

class WriteModel {
  readonly queue = new WriteQueue({ term: 0, votedFor: null }, 0);
  readonly log: number[] = [];
  readonly #disk: number[] = [];
  readonly #open: { seq: number; content: readonly number[] }[] = [];
  #serial = 0;

  append(count: number): void {
    for (let i = 0; i < count; i += 1) this.log.push((this.#serial += 1));
  }

  cut(index: number): void {
    if (index > this.log.length) return;
    this.log.length = index - 1;
    this.queue.truncateFrom(index);
  }

  /** A write makes the disk equal to the log of its moment. */
  issue(): void {
    const seq = this.queue.issue({ term: this.#serial, votedFor: null }, this.log.length, 0);
    this.#open.push({ seq, content: [...this.log] });
  }

  /** Several finish together, and one acknowledgement speaks for all. */
  finish(count: number): void {
    const done = this.#open.splice(0, count).at(-1);
    if (done === undefined) return;
    this.#disk.splice(0, Infinity, ...done.content);
    this.queue.acknowledge(done.seq);
  }

  check(): void {
    const { index } = this.queue.durable;
    expect(this.log.slice(0, index)).toEqual(this.#disk.slice(0, index));
    expect(this.#disk.length).toBeGreaterThanOrEqual(index);
  }
}

test('a tail of entries keeps what it holds in order and in balance, whatever is pushed, cut and evicted', () => {
  const action = fc.oneof(
    fc.record({ push: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ cut: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ evict: fc.integer({ min: 0, max: 40 }), bytesMax: fc.integer({ min: 0, max: 500 }) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const tail = new EntryTail(1);
      let list: Entry[] = [];
      let end = 1;
      for (const each of actions) {
        if ('push' in each) {
          const entry: Entry = { kind: 'command', index: end, term: 1, data: new Uint8Array(each.push) };
          tail.push(entry);
          list.push(entry);
          end += 1;
        } else if ('cut' in each && each.cut <= end) {
          tail.truncateFrom(each.cut);
          list = list.filter(({ index }) => index < each.cut);
          end = each.cut;
        } else if ('evict' in each) {
          tail.evict(each.evict, each.bytesMax);
          while (sizeOf(list) > each.bytesMax && (list[0]?.index ?? Infinity) <= each.evict) list.shift();
        }
        expect(tail.bytes).toBe(sizeOf(list));
        expect(tail.end).toBe(end);
        if (list.length > 0) expect(tail.slice(tail.first, end - 1, Infinity)).toEqual(list);
        else expect(tail.first).toBe(end);
      }
    }),
    RUNS,
  );
});

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
}

test('a tail gives its memory back: what was evicted long ago is not kept behind the scenes', () => {
  const tail = new EntryTail(1);
  for (let index = 1; index <= 10_000; index += 1) {
    tail.push({ kind: 'noop', index, term: 1 });
    tail.evict(index, 320);
  }
  expect(tail.bytes).toBe(320);
  expect(tail.slice(tail.first, 10_000, Infinity)).toHaveLength(10);
});

test('a window admits until a limit is reached, one at least, and what is matched makes room', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 90 }),
      fc.array(fc.integer({ min: 0, max: 60 })),
      (countMax, bytesMax, sizes) => {
        const window = new Window(countMax, bytesMax);
        let open: { last: number; size: number }[] = [];
        sizes.forEach((size, last) => {
          const bytes = open.reduce((sum, each) => sum + each.size, 0);
          expect(window.full).toBe(open.length >= countMax || (open.length > 0 && bytes >= bytesMax));
          if (window.full) {
            const match = open[0]?.last ?? 0;
            window.release(match);
            open = open.filter((each) => each.last > match);
          }
          window.add(last, size);
          open.push({ last, size });
        });
        window.release(Infinity);
        expect([window.messages, window.bytes]).toEqual([0, 0]);
      },
    ),
    RUNS,
  );
});

test('progress never falls below what is matched, and stale refusals change nothing (edge case C20)', () => {
  const event = fc.oneof(
    fc.record({ sent: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ accepted: fc.integer({ min: 0, max: 40 }) }),
    fc.record({ rejected: fc.integer({ min: 0, max: 40 }), hint: fc.integer({ min: 0, max: 40 }) }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const progress = new Progress(nodeId('B'), 10, { windowMessages: 3, windowBytes: 1_000 }, 0);
      let [match, sent] = [0, 9];
      for (const each of events) {
        const before = { state: progress.state, next: progress.next };
        if ('sent' in each) {
          if (progress.canSendEntries) progress.sent(progress.next - 1 + each.sent, each.sent);
        } else if ('accepted' in each) {
          progress.accepted(Math.min(each.accepted, sent));
          match = Math.max(match, Math.min(each.accepted, sent));
        } else if (each.rejected > sent) {
          continue; // Nothing like it was ever asked.
        } else if (progress.isStaleRejection(each.rejected)) {
          const open = { from: before.state === 'probe' ? before.next - 1 : match + 1, to: before.next - 1 };
          expect(each.rejected < open.from || each.rejected > open.to).toBe(true);
        } else {
          progress.probe(Math.min(each.hint, each.rejected - 1) + 1);
          expect(progress.next).toBeLessThanOrEqual(before.next);
        }
        sent = Math.max(sent, progress.next - 1);
        expect(progress.match).toBe(match);
        expect(progress.next).toBeGreaterThan(match);
        expect(progress.inFlight).toBeLessThanOrEqual(3);
      }
    }),
    RUNS,
  );
});

test('a backlog knows how many bytes wait, and for how long the oldest has waited', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          bytes: fc.integer({ min: 0, max: 9 }),
          wait: fc.integer({ min: 0, max: 2 }),
          commit: fc.boolean(),
        }),
      ),
      (steps) => {
        const backlog = new Backlog();
        let open: { last: number; bytes: number; since: number }[] = [];
        let now = 0;
        steps.forEach(({ bytes, wait, commit }, last) => {
          now += wait;
          backlog.add(last, bytes, now);
          open.push({ last, bytes, since: now });
          const oldest = open[0]?.since;
          if (commit) {
            open = open.filter((each) => each.since !== oldest);
            backlog.commit(open.length === 0 ? last : (open[0]?.last ?? 0) - 1);
          }
          expect(backlog.bytes).toBe(open.reduce((sum, each) => sum + each.bytes, 0));
          expect(backlog.oldestSince).toBe(open[0]?.since ?? null);
          expect(backlog.admits(5, 10)).toBe(backlog.bytes === 0 || backlog.bytes <= 5);
        });
      },
    ),
    RUNS,
  );
});
