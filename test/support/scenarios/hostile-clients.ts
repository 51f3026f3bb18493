/** Rows 59, 60 and 62: clients that ask too much, strangers that send nonsense, and everything at once. */
import { readFile } from 'node:fs/promises';

import { CLIENT_SUBPROTOCOL, PEER_SUBPROTOCOL } from '../../../src/wire/versions.ts';
import { QuorateError } from '../../../src/wire/errors.ts';
import { ProcessCluster } from '../faults/process-cluster.ts';
import { link } from '../faults/vocabulary.ts';
import { ATTACKS } from '../hostile.ts';
import { E_MS } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const MIB = 1024 * 1024;
/** What hostile bytes may cost a node at most (reliability.md row 60). */
const GROWTH_BYTES_MAX = 64 * MIB;
const ROUNDS = 6;
const APART_MS = 50;

export const tooMuch: Scenario = {
  row: 59,
  name: 'values, keys and pages beyond the limits, beside one hot key',
  promise: 'refused by name, and nobody else waits longer than E',
  nodes: 3,
  needs: [],
  operationsMin: 60,
  async play(stage) {
    const db = await stage.cluster.connect({ timeoutMs: 5_000 });
    const sinceMs = stage.now;
    const refusals: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      refusals.push(await codeOf(db.put('large/value', new Uint8Array(2 * MIB))));
      refusals.push(await codeOf(db.put('k'.repeat(8_192), 'x')));
      await stage.pass(200);
    }
    stage.prove('both limits were met', () =>
      ['VALUE_TOO_LARGE', 'KEY_TOO_LARGE'].every(
        (code) => refusals.filter((each) => each === code).length === ROUNDS,
      ),
    );
    stage.measureMs('longest gap', stage.gapSince(sinceMs), { atMost: E_MS });
    stage.measure('leader changes', stage.trace.termsLedAfter(sinceMs), { atMost: 0 });
  },
};

export const nonsense: Scenario = {
  row: 60,
  name: `nonsense on both ports of the leader: ${ATTACKS.length} kinds of it`,
  promise: 'each costs its own connection; no process ends, and none grows by more than 64 MiB',
  nodes: 3,
  needs: [],
  operationsMin: 60,
  async play(stage) {
    const cluster = stage.cluster;
    if (!(cluster instanceof ProcessCluster)) throw new Error('needs the ports behind the proxies');
    const { leader } = await stage.roles();
    const { addresses, pid } = cluster.process(leader);
    const bytesBefore = await residentBytes(pid);
    const sinceMs = stage.now;
    const ports = [
      { address: addresses.client, subprotocol: CLIENT_SUBPROTOCOL },
      { address: addresses.peer, subprotocol: PEER_SUBPROTOCOL },
    ];
    const attacks: Promise<boolean>[] = [];
    for (const { address, subprotocol } of ports) {
      for (const attack of ATTACKS) {
        attacks.push(isEnded(attack.run(address, subprotocol)));
        await stage.pass(APART_MS);
      }
    }
    const ended = await Promise.all(attacks);
    const refused = ended.filter(Boolean).length;
    stage.prove('every attack was ended', () => refused === attacks.length);
    stage.prove('nobody was started again', (before, after) => starts(before) === starts(after));
    stage.measure('MiB grown', ((await residentBytes(pid)) - bytesBefore) / MIB, {
      atMost: GROWTH_BYTES_MAX / MIB,
    });
    // The attacker is this process, and so are the links between the nodes: an election is no fault of theirs.
    stage.measureMs('longest gap', stage.gapSince(sinceMs), { atMost: 3 * E_MS });
    await stage.pass(500);
  },
};

export const atOnce: Scenario = {
  row: 62,
  name: 'at once: a node killed, one paused, clocks jumping, links lossy, and a one-way cut',
  promise: 'safe; served within 30 s of the heal',
  nodes: 5,
  needs: ['kill9', 'restart', 'pause', 'clockJump', 'lose', 'oneWay'],
  operationsMin: 60,
  async play(stage) {
    const { cluster } = stage;
    const { leader, followers } = await stage.roles();
    const [a, b, c, d] = stage.some(followers, 4);
    await cluster.lose(link(leader, a), 30);
    await cluster.oneWay(b, c);
    stage.proveStopped([c], [b]);
    await cluster.kill9(d);
    stage.proveKills(1);
    await stage.pass(700);
    await cluster.pause(leader);
    stage.provePauses(1);
    await cluster.clockJump(a, 3_600_000);
    stage.proveHarm(1);
    await stage.pass(1_200);
    await cluster.restart(d, { ready: false });
    await stage.pass(1_000);
    await cluster.resume(leader);
    await stage.pass(800);
    const sinceMs = stage.now;
    await cluster.heal();
    stage.measureMs('served after the heal in', await stage.servedAfter(sinceMs), { atMost: 30_000 });
    await stage.pass(1_000);
  },
};

async function isEnded(attack: Promise<string>): Promise<boolean> {
  try {
    await attack;
    return true;
  } catch {
    return false;
  }
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'none';
  } catch (error) {
    return QuorateError.is(error) ? error.code : String(error);
  }
}

function starts({ nodes }: Awaited<ReturnType<Stage['cluster']['proof']>>): number {
  return nodes.reduce((sum, node) => sum + node.starts, 0);
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
}
