/** Where processor time goes, by room of the source: V8's sampling profiler, over the whole campaign. */
import { Session } from 'node:inspector/promises';
import type { Profiler } from 'node:inspector/promises';

export interface RoomShare {
  readonly room: string;
  readonly percent: number;
}

const SAMPLE_EVERY_US = 1_000;
/** Below this a room is not worth a line. */
const PERCENT_MIN = 0.5;

export class CpuProfile {
  readonly #session = new Session();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
    await this.#session.post('Profiler.start');
  }

  async stop(): Promise<readonly RoomShare[]> {
    const { profile } = await this.#session.post('Profiler.stop');
    this.#session.disconnect();
    return shares(profile);
  }
}

function shares({ nodes }: Profiler.Profile): readonly RoomShare[] {
  const hits = new Map<string, number>();
  let total = 0;
  for (const { callFrame, hitCount = 0 } of nodes) {
    if (hitCount === 0 || callFrame.functionName === '(idle)') continue;
    total += hitCount;
    const room = roomOf(callFrame.url, callFrame.functionName);
    hits.set(room, (hits.get(room) ?? 0) + hitCount);
  }
  return [...hits]
    .map(([room, count]) => ({ room, percent: Number(((100 * count) / total).toFixed(1)) }))
    .filter(({ percent }) => percent >= PERCENT_MIN)
    .toSorted((a, b) => b.percent - a.percent);
}

/** `raft`, `sim/network`, a package, or Node itself. */
function roomOf(url: string, functionName: string): string {
  const dependency = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!dist\/(?:cli|sim|raft)\/)/.exec(url)?.[1];
  if (dependency !== undefined) return `package ${dependency}`;
  const own = /\/(?:dist|src)\/((?:sim\/)?[^/]+)\//.exec(url)?.[1];
  if (own !== undefined) return own;
  return functionName === '(garbage collector)' ? 'garbage collector' : 'Node.js';
}
