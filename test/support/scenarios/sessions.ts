/** Exactly once: clients in sessions that lose replies and leaders, and must know of every write what became of it. */
import { ReplyThief } from '../faults/reply-thief.ts';
import { E_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const KEY = new TextEncoder().encode('audit/exactly-once');
const LOST_PERCENT = 30;
const KILL_EVERY_MS = 5_000;
/** Connections that are cut again and again are opened again ever more slowly; far more of them keep one process busy. */
const CLIENTS = 32;
const TIMEOUT_MS = 5_000;
/** At 50 a second, which is a machine that has much else to do. */
const SECONDS_EACH = 1 / 50;
/** To start, and to judge. */
const SECONDS_BESIDE = 60;

/** SPEC 3; `increments` at least, by clients that do not stop before. */
export function exactlyOnce(increments: number): Scenario {
  const secondsMax = Math.ceil(increments * SECONDS_EACH);
  return {
    row: 63,
    name: `${increments} increments while ${LOST_PERCENT} % of the replies are lost and the leader is killed every 5 s`,
    promise: 'each takes effect once, and none is left unknown',
    nodes: 3,
    needs: ['kill9', 'restart'],
    operationsMin: increments,
    secondsMax: secondsMax + SECONDS_BESIDE,
    load: { roaming: 1 },
    async play(stage) {
      await using thief = await ReplyThief.before(stage.cluster.nodes, LOST_PERCENT);
      let ended = false;
      const account = { taken: 0, applied: 0, unknown: 0 };
      const killing = killLeaders(stage, () => ended);
      const lanes = Array.from({ length: CLIENTS }, async (_, lane) => {
        const client = stage.client({
          name: `audit-${lane}`,
          by: thief.addresses,
          timeoutMs: TIMEOUT_MS,
          sessions: true,
          resolves: true,
        });
        const untilMs = stage.now + secondsMax * 1_000;
        while (account.taken < increments && stage.now < untilMs) {
          account.taken += 1;
          const heard = await client.ask({
            type: 'write',
            operation: { type: 'increment', key: KEY, by: 1n },
          });
          if (heard.type === 'written') account.applied += 1;
          else if (heard.type === 'error' && heard.applied === 'unknown') account.unknown += 1;
          else account.taken -= 1;
        }
        await client.close();
      });
      await Promise.all(lanes);
      ended = true;
      const kills = await killing;
      stage.proveKills(kills);
      stage.prove('replies were lost', () => thief.taken >= increments / 10);
      stage.prove('leaders were killed', () => kills > 0);
      stage.measure('increments', account.applied, { atLeast: increments });
      stage.measure('left unknown', account.unknown, { atMost: 0 });
      stage.measure('replies lost', thief.taken);
      stage.measure('counter', await counterOf(stage), { atLeast: account.applied, atMost: account.applied });
    },
  };
}

/** One each five seconds until `done`; how many there were. */
async function killLeaders(stage: Stage, done: () => boolean): Promise<number> {
  let kills = 0;
  while (!done()) {
    const nextMs = stage.now + KILL_EVERY_MS;
    const leader = await stage.cluster.leader();
    await stage.cluster.kill9(leader);
    kills += 1;
    await stage.servedAfter(stage.now);
    await stage.cluster.restart(leader);
    while (stage.now < nextMs && !done()) await stage.pass(50);
  }
  return kills;
}

async function counterOf(stage: Stage): Promise<number> {
  const db = await stage.cluster.connect({ timeoutMs: 10 * E_MS });
  return Number((await db.get('audit/exactly-once'))?.text());
}
