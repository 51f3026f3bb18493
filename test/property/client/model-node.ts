import type { ClientMessage, ServerMessage, Topology } from '../../../src/wire/client-protocol.ts';

/** What a node makes of the oldest request that it has not dealt with. */
export type Reaction = 'answer' | 'refuse' | 'doubt' | 'overload' | 'turn-away' | 'ignore';

type RequestMessage = Extract<ClientMessage, { type: 'write' | 'read' }>;

/** A node as its client sees it: a connection that may be up, silent, leaving; and requests that it has taken in. */
export class ModelNode {
  readonly id: string;
  readonly address: string;
  /** Refuses connections. */
  down = false;
  /** Takes everything in and says nothing, like a stopped process. */
  silent = false;
  leaving = false;
  /** The connection that the engine has here; null without one. */
  connection: number | null = null;
  welcomed = false;
  readonly open = new Map<number, RequestMessage>();

  constructor(id: string, address: string) {
    this.id = id;
    this.address = address;
  }

  reset(): void {
    this.connection = null;
    this.welcomed = false;
    this.leaving = false;
    this.open.clear();
  }

  welcome(topology: Topology, inFlightMax: number): ServerMessage {
    const limits = { keyBytesMax: 4_096, valueBytesMax: 1_048_576, requestBytesMax: 1_572_864, inFlightMax };
    return { type: 'welcome', protocol: 1, clusterId: 'c', nodeId: this.id, topology, limits };
  }
}

export function answerTo(request: RequestMessage): ServerMessage {
  const { id } = request;
  if (request.type === 'write') {
    return { type: 'written', id, term: 1, reply: { type: 'put', revision: 2, previous: null } };
  }
  const result = { type: 'get', records: [null] } as const;
  return { type: 'answer', id, term: 1, revision: 2, level: request.level, ageMs: 0, result };
}
