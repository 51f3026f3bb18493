/** Row 30: whoever was stopped while it held a lock must not write when it goes on. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { Operation } from '../../../src/kv/operation.ts';
import { LATE_MS_MAX, putWith } from './lease-audit.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const PROGRAM = fileURLToPath(new URL('lock-holder.mjs', import.meta.url));
const LOCK = 'lock/one';
const GUARDED = 'guarded/one';
const TTL_MS = 1_000;
const CALL_MS = 3_000;

export const holderPaused: Scenario = {
  row: 30,
  name: 'the holder of a lock made of a lease and a compare is stopped past its time, and then writes',
  promise: 'another holds the lock after a failover and 1 s at most, and the stale token is refused',
  nodes: 3,
  needs: [],
  operationsMin: 60,
  async play(stage) {
    const client = stage.client({ name: 'second', timeoutMs: CALL_MS, sessions: true });
    const db = await stage.cluster.connect({ timeoutMs: CALL_MS });
    await using first = await Holder.start(stage);
    const stale = await first.lock();
    const wrote = await first.write(stale, 'first');
    stage.prove('the first one wrote', () => wrote);

    first.pause();
    const pausedMs = stage.now;
    const lease = await db.leases.grant({ ttlMs: 60_000 });
    const put = putWith(lease, LOCK, [{ type: 'absent' }]);
    let token: number | null = null;
    while (token === null) {
      const heard = await client.ask({ type: 'write', operation: put });
      if (heard.type === 'written' && heard.reply.type === 'put') token = heard.reply.revision;
      else await stage.pass(20);
    }
    stage.measureMs('another has it after', stage.now - pausedMs, { atMost: TTL_MS + LATE_MS_MAX });
    if (token <= stale) stage.complain(`token ${token} is not above ${stale}`);
    await client.ask({ type: 'write', operation: guardedWrite(token, 'second') });

    first.resume();
    if (await first.write(stale, 'stale')) stage.complain('a stale token was good enough to write');
    const entry = await db.get(GUARDED);
    if (entry?.text() !== 'second') stage.complain(`guarded holds ${entry?.text() ?? 'nothing'}`);
    await client.close();
    await stage.pass(300);
  },
};

function guardedWrite(token: number, value: string): Operation {
  const target = { start: bytes(LOCK), end: null };
  const put = { type: 'put', key: bytes(GUARDED), value: bytes(value) } as const;
  return {
    type: 'txn',
    when: [{ target, operator: '=', operand: { type: 'createRevision', number: token } }],
    do: [{ ...put, conditions: [], returnPrevious: false }],
    otherwise: [],
  };
}

/** The program, and what it asks in the history: only the log tells what became of it, as of anybody who may stop. */
class Holder implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #lease = 0n;

  private constructor(stage: Stage, child: ChildProcessWithoutNullStreams) {
    this.#stage = stage;
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static async start(stage: Stage): Promise<Holder> {
    const url = `quorate://${stage.cluster.nodes.map(({ client }) => client).join(',')}`;
    const child = spawn(process.execPath, [PROGRAM, url, LOCK, GUARDED, String(TTL_MS)]);
    const holder = new Holder(stage, child);
    holder.#lease = BigInt(String((await holder.#answer())['lease']));
    return holder;
  }

  /** Gives the token. */
  async lock(): Promise<number> {
    const put = putWith(this.#lease, LOCK, [{ type: 'absent' }]);
    this.#stage.unheard('first', { type: 'write', operation: put });
    this.#child.stdin.write('lock\n');
    return Number((await this.#answer())['token']);
  }

  async write(token: number, value: string): Promise<boolean> {
    this.#stage.unheard('first', { type: 'write', operation: guardedWrite(token, value) });
    this.#child.stdin.write(`write ${value}\n`);
    return (await this.#answer())['done'] === true;
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async #answer(): Promise<Readonly<Record<string, unknown>>> {
    const next = await this.#answers.next();
    if (next.done === true) throw new Error('the holder of the lock ended');
    return JSON.parse(next.value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
