/**
 * The clients of a run: a few machines, each with one connection to the cluster and a few callers on it, so that answers
 * may be mixed up. Some know one node only, or two, which must forward what they cannot do themselves.
 */
import type { RandomSource, RandomStream } from '../kernel/random.ts';
import { LeaseHolder } from './lease-holder.ts';
import type { HolderWorld } from './lease-holder.ts';
import type { Recording } from './recorded-caller.ts';
import { RecordedClient } from './recorded-client.ts';
import type { Pace } from './recorded-client.ts';
import { SessionVisitor } from './session-visitor.ts';
import { ClientMachine, simulatedDriver } from './simulated-client.ts';
import type { ClientWorld } from './simulated-client.ts';

const CALLERS = ['a', 'b', 'c'] as const;
const PINNED_PERCENT = 50;
/** One who only reads never waits for a write that hangs, and so sees what a node says that others do not reach. */
const READER_PERCENT = 25;
/** The others tell what a client without sessions may be told. */
const SESSIONS_PERCENT = 60;
/** A short one ends in a failover, or is renewed when its end is near. */
const SESSION_TTLS_MS = [400, 1_500, 60_000] as const;
/** Machines with a holder of leases. */
const HOLDERS = 2;

export interface Crew {
  readonly clients: readonly RecordedClient[];
  readonly holders: readonly LeaseHolder[];
  readonly visitors: readonly SessionVisitor[];
}

export interface CrewOptions {
  readonly hosts: readonly string[];
  /** `host:port` of every node. */
  readonly endpoints: readonly string[];
  readonly pace: Pace;
  readonly aheadMs: HolderWorld['aheadMs'];
}

export function hireCrew(
  world: ClientWorld,
  random: RandomSource,
  { hosts, endpoints, pace, aheadMs }: CrewOptions,
  recording: Recording,
): Crew {
  const holders: LeaseHolder[] = [];
  const visitors: SessionVisitor[] = [];
  const clients = hosts.flatMap((host, place) => {
    const shape = random.stream(`client ${host} shape`);
    // The first one finds whoever serves, whatever happens to a single node.
    const isPinned = shape.chance(PINNED_PERCENT) && place > 0;
    const reach = {
      seeds: isPinned ? someOf(endpoints, shape) : endpoints,
      discover: !isPinned,
      sessions: shape.chance(SESSIONS_PERCENT),
      sessionTtlMs: shape.pick(SESSION_TTLS_MS),
    };
    const machine = new ClientMachine(host, world.kernel);
    const driver = simulatedDriver(machine, world, random.stream(`client ${host} engine`), reach);
    if (place < HOLDERS) {
      const holding = { driver, lookMsMax: pace.thinkMsMax, aheadMs };
      holders.push(new LeaseHolder(host, holding, random.stream(`client ${host} leases`), recording));
    }
    if (place === 0) {
      visitors.push(new SessionVisitor(driver, random.stream(`client ${host} visits`), recording));
    }
    return CALLERS.slice(0, shape.between(1, CALLERS.length)).map((caller, turn) => {
      const name = `${host}${caller}`;
      // The very first one writes: the law of progress waits for an acknowledged write.
      const habit = shape.chance(READER_PERCENT) && place + turn > 0 ? 'reads' : 'mixed';
      return new RecordedClient(name, { driver, habit }, random.stream(`client ${name}`), pace, recording);
    });
  });
  return { clients, holders, visitors };
}

/** One, or two: what the first is slow with, the other is asked for again. */
function someOf(endpoints: readonly string[], shape: RandomStream): readonly string[] {
  const first = shape.below(endpoints.length);
  const others = endpoints.filter((_, place) => place !== first);
  const chosen = endpoints.slice(first, first + 1);
  return shape.chance(50) ? chosen : [...chosen, shape.pick(others)];
}
