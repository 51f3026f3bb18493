import { expect, test } from 'vitest';
import { quorumMin, tally } from '../../../src/raft/quorum.ts';
import type { Membership, NodeId } from '../../../src/raft/index.ts';
import { nodeId } from '../../property/raft/ids.ts';

/** Every membership of up to five names in either half; the halves overlap in all ways. */
function* memberships(): Generator<Membership> {
  const names = ['A', 'B', 'C', 'D', 'E'].map(nodeId);
  for (let size = 1; size <= 5; size += 1) {
    yield { voters: names.slice(0, size), outgoing: [], learners: names.slice(size) };
    for (let from = 0; from < 5; from += 1) {
      for (let to = from + 1; to <= 5; to += 2) {
        yield { voters: names.slice(0, size), outgoing: names.slice(from, to), learners: [] };
      }
    }
  }
}

/** What "a quorum" means, said as plainly as possible: more than half of each half that is not empty. */
function isQuorum({ voters, outgoing }: Membership, holds: (id: NodeId) => boolean): boolean {
  return [voters, outgoing].every((half) => half.length === 0 || half.filter(holds).length * 2 > half.length);
}

function* assignments(values: readonly number[]): Generator<ReadonlyMap<NodeId, number>> {
  const names = ['A', 'B', 'C', 'D', 'E'].map(nodeId);
  for (let code = 0; code < values.length ** names.length; code += 1) {
    let rest = code;
    yield new Map(
      names.map((name) => {
        const value = values[rest % values.length] ?? 0;
        rest = Math.floor(rest / values.length);
        return [name, value];
      }),
    );
  }
}

test('quorumMin is the highest value that a quorum has reached, in every membership and for every progress', () => {
  const values = [0, 3, 7, 8];
  for (const membership of memberships()) {
    for (const progress of assignments(values)) {
      const reached = (value: number) => (id: NodeId) => (progress.get(id) ?? 0) >= value;
      const naive = values.findLast((value) => isQuorum(membership, reached(value)));
      const actual = quorumMin(membership, (id) => progress.get(id) ?? 0);
      if (actual !== naive)
        expect({ membership, progress, actual }).toEqual({ membership, progress, actual: naive });
    }
  }
});

test('a ballot is won by a quorum of grants, and lost once no quorum of grants is possible any more', () => {
  const [unknown, no, yes] = [0, 1, 2];
  for (const membership of memberships()) {
    for (const answers of assignments([unknown, no, yes])) {
      const votes = new Map(
        [...answers].filter(([, answer]) => answer !== unknown).map(([id, answer]) => [id, answer === yes]),
      );
      const won = isQuorum(membership, (id) => votes.get(id) === true);
      const possible = isQuorum(membership, (id) => votes.get(id) !== false);
      const naive = won ? 'won' : possible ? 'pending' : 'lost';
      const actual = tally(membership, votes);
      if (actual !== naive)
        expect({ membership, votes, actual }).toEqual({ membership, votes, actual: naive });
    }
  }
});
