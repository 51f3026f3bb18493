/**
 * What clients do while things break: puts, conditional puts, increments, deletes, gets and scans over few keys, every
 * value unique, at a set rate. One client is pinned to each node, so that a node that is cut off is asked all the time
 * and must refuse; a few go where the SDK takes them, in sessions, as programs do.
 */
import type { Bytes, Condition, Operation } from '../../../src/kv/operation.ts';
import { prefixRange } from '../../../src/wire/ranges.ts';
import type { FaultableCluster } from '../faults/vocabulary.ts';
import type { Asked, Heard, Recorder } from './recorder.ts';
import { RecordingClient } from './recording-client.ts';

export interface WorkloadOptions {
  /** Operations a second of each client, while it is answered at once. */
  readonly rate: number;
  /** Clients that choose their node. */
  readonly roaming: number;
  /** More clients, one at each node, that only read: a write that is refused late holds none of them up. */
  readonly readers: boolean;
  /** Of each value that is put; it begins with what makes it unique. */
  readonly valueBytes: number;
  readonly timeoutMs: number;
}

export const USUAL_LOAD: WorkloadOptions = {
  rate: 20,
  roaming: 3,
  readers: false,
  valueBytes: 16,
  timeoutMs: 2_500,
};

/** Few, so that clients meet; in two groups, so that a scan does not meet everybody. */
const KEYS = ['a/1', 'a/2', 'b/1', 'b/2'].map(bytes);
const COUNTERS = ['n/1', 'n/2'].map(bytes);
const PREFIXES = ['a/', 'b/'].map(bytes);

export class Workload {
  readonly #clients: readonly RecordingClient[];
  readonly #lanes: readonly Promise<void>[];
  #running = true;

  constructor(
    cluster: Pick<FaultableCluster, 'nodes'>,
    recorder: Recorder,
    options: WorkloadOptions = USUAL_LOAD,
  ) {
    const { nodes } = cluster;
    const { timeoutMs, roaming, readers } = options;
    const pinned = nodes.map((node) => ({ name: `at-${node.id}`, pinnedTo: node, nodes, timeoutMs }));
    const free = Array.from({ length: roaming }, (_, place) => ({
      name: `free-${place + 1}`,
      pinnedTo: null,
      nodes,
      timeoutMs,
      sessions: true,
    }));
    const reading = readers ? pinned.map((client) => ({ ...client, name: `reads-${client.name}` })) : [];
    this.#clients = [...pinned, ...free, ...reading].map((client) => new RecordingClient(client, recorder));
    const writers = pinned.length + free.length;
    this.#lanes = this.#clients.map((client, place) => {
      const script = new Script(place, place < writers ? 0 : FIRST_READ, options.valueBytes);
      return this.#run(client, script, options.rate);
    });
  }

  /** Each client ends after what it is waiting for. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#lanes);
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #run(client: RecordingClient, script: Script, rate: number): Promise<void> {
    const periodMs = 1_000 / rate;
    let dueAtMs = performance.now() + Math.random() * periodMs;
    while (this.#running) {
      await pauseMs(dueAtMs - performance.now());
      // Nothing is made up for: a client that waited long goes on at its own pace.
      dueAtMs = Math.max(dueAtMs, performance.now() - periodMs) + periodMs;
      script.heard(await client.ask(script.next()));
    }
  }
}

/** Of a hundred draws, those from here on are reads. */
const FIRST_READ = 55;

/** What one client asks next, and what it remembers of what it heard. */
class Script {
  readonly #place: number;
  readonly #from: number;
  readonly #valueBytes: number;
  readonly #seen = new Map<string, number>();
  #key: Bytes | null = null;
  #count = 0;

  /** `from`: the first of the hundred draws that it may make. */
  constructor(place: number, from: number, valueBytes: number) {
    this.#place = place;
    this.#from = from;
    this.#valueBytes = valueBytes;
  }

  next(): Asked {
    this.#count += 1;
    const key = pick(KEYS);
    this.#key = key;
    const draw = this.#from + Math.random() * (100 - this.#from);
    if (draw < 25) return this.#put(key, []);
    if (draw < 40) return this.#put(key, this.#conditions(key));
    if (draw < 50) return write({ type: 'increment', key: pick(COUNTERS), by: BigInt(1 + this.#place) });
    if (draw < FIRST_READ) {
      return write({
        type: 'delete',
        target: { start: key, end: null },
        conditions: [],
        returnPrevious: true,
      });
    }
    if (draw < 85) return read({ type: 'get', keys: [key] });
    if (draw < 93) return read({ type: 'get', keys: [pick(COUNTERS)] });
    return read({
      type: 'scan',
      range: prefixRange(pick(PREFIXES)),
      limit: 0,
      reverse: false,
      keysOnly: false,
      countOnly: false,
    });
  }

  heard(heard: Heard): void {
    if (this.#key === null) return;
    const revision = revisionIn(heard);
    if (revision !== null) this.#seen.set(String(this.#key), revision);
  }

  #put(key: Bytes, conditions: readonly Condition[]): Asked {
    const value = bytes(`${this.#place}-${this.#count} `.padEnd(this.#valueBytes, '.'));
    return write({ type: 'put', key, value, conditions, returnPrevious: this.#count % 4 === 0 });
  }

  #conditions(key: Bytes): readonly Condition[] {
    const modRevision = this.#seen.get(String(key));
    return modRevision === undefined ? [{ type: 'absent' }] : [{ type: 'revision', modRevision }];
  }
}

/** Of the record that a client now believes to stand there. */
function revisionIn(heard: Heard): number | null {
  if (heard.type === 'written' && heard.reply.type === 'put') return heard.reply.revision;
  if (heard.type !== 'answer' || heard.answer.result.type !== 'get') return null;
  return heard.answer.result.records[0]?.modRevision ?? null;
}

function write(operation: Operation): Asked {
  return { type: 'write', operation };
}

function read(query: Extract<Asked, { type: 'read' }>['query']): Asked {
  return { type: 'read', query, level: 'linearizable', minRevision: 0 };
}

function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

function bytes(text: string): Bytes {
  return new TextEncoder().encode(text);
}

async function pauseMs(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
