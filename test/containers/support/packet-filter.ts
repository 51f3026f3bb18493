/**
 * What one host hears: rules of nftables in its network namespace, on what comes in, one set of rules for each peer.
 *
 *   condition   rule for packets from the peer
 *   pass        count as passed
 *   drop        count as stopped, drop
 *   lose 30     of a hundred, at random, thirty: count as slowed, drop: TCP sends them again; the others pass
 *   throttle    beyond the rate: count as slowed, drop: TCP finds its pace; the others pass
 *
 * Counters are objects of their own, made once: they stay when the rules are replaced, but a newer kernel sets them to
 * zero when they are added again. All rules are replaced in one transaction: no packet slips through in between.
 */
import { run } from '../../../scripts/engine/command.mjs';
import { CLIENT_PORT } from './node-command.ts';

export type Condition =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'lose'; readonly percent: number }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number };

export const PASS: Condition = { kind: 'pass' };
export const DROP: Condition = { kind: 'drop' };

export interface Counted {
  readonly passedBytes: number;
  readonly stoppedBytes: number;
  readonly slowedBytes: number;
}

export const NOTHING_COUNTED: Counted = { passedBytes: 0, stoppedBytes: 0, slowedBytes: 0 };

interface HeardFrom {
  readonly peer: string;
  readonly mac: string;
  readonly condition: Condition;
}

const TABLE = 'inet quorate';
/** What is counted of replies to clients goes by this name. */
export const REPLIES = 'replies';
/** May come at once, in addition to the second's worth that the kernel always allows: a few full frames. */
export const BURST_BYTES = 16_384;

export class PacketFilter {
  readonly #pid: number;

  /** `pid`: a process in the network namespace of the host. */
  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Once, before the first word is heard. */
  async open(peers: readonly string[]): Promise<void> {
    await this.#inside('nft', ['-f', '-'], tableOf(peers));
  }

  /** Replaces all rules at once. */
  async hear(from: readonly HeardFrom[], repliesLost: boolean): Promise<void> {
    await this.#inside('nft', ['-f', '-'], rulesOf(from, repliesLost));
  }

  /** By the name of the peer. */
  async counted(): Promise<ReadonlyMap<string, Counted>> {
    const text = await this.#inside('nft', ['--json', 'list', 'counters', 'table', ...TABLE.split(' ')]);
    const bytes = new Map(countersIn(text).map(({ name, bytes: counted }) => [name, counted]));
    const names = [...bytes.keys()].filter((name) => name.startsWith('passed_'));
    return new Map(
      names.map((name) => {
        const peer = name.slice('passed_'.length);
        const of = (what: string): number => bytes.get(`${what}_${peer}`) ?? 0;
        return [peer, { passedBytes: of('passed'), stoppedBytes: of('stopped'), slowedBytes: of('slowed') }];
      }),
    );
  }

  /** Its own ends of the connections with a peer are gone; how many there were. */
  async reset(address: string): Promise<number> {
    const said = await this.#inside('ss', ['--kill', '--no-header', '--tcp', 'dst', address]);
    return said.split('\n').filter((line) => line.trim() !== '').length;
  }

  async #inside(program: string, args: readonly string[], input = ''): Promise<string> {
    return await run('nsenter', ['--target', String(this.#pid), '--net', program, ...args], { input });
  }
}

/** The texts that nft reads. */
function tableOf(peers: readonly string[]): string {
  const counters = [...peers, REPLIES].flatMap((peer) => [
    `add counter ${TABLE} passed_${peer}`,
    `add counter ${TABLE} stopped_${peer}`,
    `add counter ${TABLE} slowed_${peer}`,
  ]);
  return lines([
    `add table ${TABLE}`,
    ...counters,
    `add chain ${TABLE} hears { type filter hook input priority 0; }`,
    `add chain ${TABLE} answers { type filter hook output priority 0; }`,
  ]);
}

function rulesOf(from: readonly HeardFrom[], repliesLost: boolean): string {
  return lines([
    `flush chain ${TABLE} hears`,
    `flush chain ${TABLE} answers`,
    ...from.flatMap(rulesFor),
    ...(repliesLost
      ? [`add rule ${TABLE} answers tcp sport ${CLIENT_PORT} counter name stopped_${REPLIES} drop`]
      : []),
  ]);
}

function lines(commands: readonly string[]): string {
  return `${commands.join('\n')}\n`;
}

function rulesFor({ peer, mac, condition }: HeardFrom): readonly string[] {
  const each = `add rule ${TABLE} hears ether saddr ${mac}`;
  const stop = `counter name stopped_${peer} drop`;
  const slow = `counter name slowed_${peer} drop`;
  const pass = `${each} counter name passed_${peer}`;
  switch (condition.kind) {
    case 'pass':
      return [pass];
    case 'drop':
      return [`${each} ${stop}`];
    case 'lose':
      return [`${each} numgen random mod 100 < ${condition.percent} ${slow}`, pass];
    case 'throttle': {
      const rate = `limit rate over ${condition.bytesPerSecond} bytes/second burst ${BURST_BYTES} bytes`;
      return [`${each} ${rate} ${slow}`, pass];
    }
  }
}

interface NamedCounter {
  readonly name: string;
  readonly bytes: number;
}

function countersIn(json: string): readonly NamedCounter[] {
  const parsed: unknown = JSON.parse(json);
  if (!hasList(parsed)) throw new Error(`nft answers without a list: ${json}`);
  return parsed.nftables.flatMap((each) => (isCounter(each) ? [each.counter] : []));
}

function hasList(value: unknown): value is { readonly nftables: readonly unknown[] } {
  return typeof value === 'object' && value !== null && 'nftables' in value && Array.isArray(value.nftables);
}

function isCounter(value: unknown): value is { readonly counter: NamedCounter } {
  if (typeof value !== 'object' || value === null || !('counter' in value)) return false;
  const { counter } = value;
  return typeof counter === 'object' && counter !== null && 'name' in counter && 'bytes' in counter;
}
