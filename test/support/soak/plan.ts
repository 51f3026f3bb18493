/** A scenario drawn from a seed. */
import { RandomSource } from '../../../src/sim/kernel/random.ts';
import type { RandomStream } from '../../../src/sim/kernel/random.ts';
import type { Capabilities } from '../faults/vocabulary.ts';
import { FAULT_KINDS, faultOf } from './faults.ts';
import type { FaultKind } from './faults.ts';

export interface SoakPlan {
  readonly seed: number;
  readonly nodes: 3 | 5;
  readonly rounds: readonly Round[];
}

/** Faults that begin one after the other and end together. */
export interface Round {
  readonly strikes: readonly Strike[];
  /** From the last strike to the heal. */
  readonly holdMs: number;
  /** In peace, once served again. */
  readonly restMs: number;
}

export interface Strike {
  readonly kind: FaultKind;
  /** After the one before. */
  readonly afterMs: number;
  /** Whoever leads then comes first, whatever the order says. */
  readonly leaderFirst: boolean;
  /** Places of all nodes. */
  readonly order: readonly number[];
  readonly amount: number;
}

const ROUNDS = 8;

/** `capabilities`: what the cluster can do to itself. Kinds that it cannot are never drawn. */
export function drawPlan(seed: number, capabilities: Capabilities, size?: 3 | 5): SoakPlan {
  const source = new RandomSource(seed);
  const nodes = size ?? source.stream('size').pick([3, 5] as const);
  const kinds = FAULT_KINDS.filter((kind) => {
    const fault = faultOf(kind);
    return (fault.nodes ?? nodes) === nodes && fault.words.every((word) => capabilities[word].able);
  });
  const rounds = Array.from({ length: ROUNDS }, (_, place) =>
    drawRound(source.stream(`round ${place}`), kinds, nodes),
  );
  return { seed, nodes, rounds };
}

function drawRound(random: RandomStream, kinds: readonly FaultKind[], nodes: number): Round {
  const families = random.pick([['links'], ['machine'], ['links', 'machine'], ['machine', 'links']] as const);
  const strikes = families.map((family) => {
    const ofFamily = kinds.filter((kind) => faultOf(kind).family === family);
    return drawStrike(random, random.pick(ofFamily), nodes);
  });
  return { strikes, holdMs: random.between(500, 4_000), restMs: random.between(200, 1_200) };
}

function drawStrike(random: RandomStream, kind: FaultKind, nodes: number): Strike {
  return {
    kind,
    afterMs: random.between(0, 800),
    leaderFirst: random.chance(50),
    order: shuffled(random, nodes),
    amount: faultOf(kind).amount(random, nodes),
  };
}

function shuffled(random: RandomStream, count: number): readonly number[] {
  const left = Array.from({ length: count }, (_, place) => place);
  const order: number[] = [];
  while (left.length > 0) order.push(...left.splice(random.below(left.length), 1));
  return order;
}

/** A line a strike, for whoever wants to see what a seed means. */
export function planLines({ seed, nodes, rounds }: SoakPlan): readonly string[] {
  const lines = rounds.flatMap(({ strikes, holdMs }, place) =>
    strikes.map(({ kind, leaderFirst, order, amount, afterMs }) => {
      const whom = [...(leaderFirst ? ['the leader'] : []), ...order.map((node) => `n${node + 1}`)].join(' ');
      return `  round ${place + 1}, after ${afterMs} ms: ${kind} (${amount}) at ${whom}; healed ${holdMs} ms later`;
    }),
  );
  return [`seed ${seed}, ${nodes} nodes`, ...lines];
}
