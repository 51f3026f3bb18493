/** Plays a drawn plan as a scenario, and counts which faults showed. */
import type { FaultNode, Proof } from '../faults/vocabulary.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Stage } from '../scenarios/stage.ts';
import { faultOf, traceIn } from './faults.ts';
import type { FaultKind } from './faults.ts';
import type { Round, SoakPlan, Strike } from './plan.ts';

export interface Counted {
  /** How often it was ordered. */
  made: number;
  /** How often the counters of the cluster show it. */
  shown: number;
}

export interface SoakScenario {
  readonly scenario: Scenario;
  readonly counts: ReadonlyMap<FaultKind, Counted>;
  /** Of the play so far: faults, and the peace between them. */
  readonly seconds: () => number;
}

/** A third of the matrix's rate: the history of a minute is to be judged in seconds. */
const LOAD = { rate: 6, roaming: 2, valueBytes: 500 };
/** A minute of rounds has several hundred, however long nobody is served. */
const OPERATIONS_MIN = 100;

export function soakScenario(plan: SoakPlan): SoakScenario {
  const counts = new Map<FaultKind, Counted>();
  let seconds = 0;
  const scenario: Scenario = {
    row: 0,
    name: `soak, seed ${plan.seed}`,
    promise: 'no acknowledged write lost, no stale read, one leader a term; served again after each round',
    nodes: plan.nodes,
    needs: [],
    operationsMin: OPERATIONS_MIN,
    load: LOAD,
    async play(stage) {
      const sinceMs = stage.now;
      stage.prove('at least half of the faults', () => mostShown(counts));
      try {
        for (const round of plan.rounds) await playRound(stage, round, counts);
      } finally {
        seconds = (stage.now - sinceMs) / 1_000;
      }
      stage.measure('rounds', plan.rounds.length);
    },
  };
  return { scenario, counts, seconds: () => seconds };
}

function mostShown(counts: ReadonlyMap<FaultKind, Counted>): boolean {
  const all = [...counts.values()];
  const made = all.reduce((sum, each) => sum + each.made, 0);
  return all.reduce((sum, each) => sum + each.shown, 0) * 2 >= made;
}

async function playRound(stage: Stage, round: Round, counts: Map<FaultKind, Counted>): Promise<void> {
  const { cluster } = stage;
  const before = await cluster.proof();
  const struck: Strike[] = [];
  let mayEnd: readonly FaultNode[] = [];
  for (const strike of round.strikes) {
    await stage.pass(strike.afterMs);
    const order = orderOf(stage, strike);
    const { make, ends } = faultOf(strike.kind);
    mayEnd = [...mayEnd, ...order.slice(0, ends?.(strike.amount) ?? 0)];
    await make({ cluster, order, amount: strike.amount });
    struck.push(strike);
  }
  await stage.pass(round.holdMs);
  const after = await cluster.proof();
  for (const { kind } of struck) count(counts, kind, before, after);
  await mend(stage, mayEnd);
  stage.measureMs('served after a heal in', await stage.servedAfter(stage.now));
  await stage.pass(round.restMs);
}

/** Whoever leads the newest term that was seen; a soak does not wait to know. */
function orderOf(stage: Stage, { leaderFirst, order }: Strike): readonly FaultNode[] {
  const nodes = order.flatMap((place) => stage.cluster.nodes.slice(place, place + 1));
  const leader = stage.trace.newestLeader();
  const led = leaderFirst ? nodes.filter(({ id }) => id === leader) : [];
  return [...led, ...nodes.filter((node) => !led.includes(node))];
}

function count(counts: Map<FaultKind, Counted>, kind: FaultKind, before: Proof, after: Proof): void {
  const counted = counts.get(kind) ?? { made: 0, shown: 0 };
  const { trace } = faultOf(kind);
  counted.made += 1;
  if (traceIn(after, trace) > traceIn(before, trace)) counted.shown += 1;
  counts.set(kind, counted);
}

/** All is well again, and every node up; one that nobody ended has broken its promise. */
async function mend(stage: Stage, mayEnd: readonly FaultNode[]): Promise<void> {
  await stage.cluster.heal();
  // Asked after the heal: a disk that is full until then may end its node meanwhile.
  const { nodes } = await stage.cluster.proof();
  const down = stage.cluster.nodes.filter(({ id }) =>
    nodes.some((each) => each.id === id && each.state === 'down'),
  );
  for (const node of down) {
    if (mayEnd.includes(node)) continue;
    const code = nodes.find(({ id }) => id === node.id)?.exitCode ?? null;
    stage.complain(`${node.id} ended though nobody ended it (exit code ${code})`);
  }
  await Promise.all(down.map((node) => stage.cluster.restart(node)));
}
