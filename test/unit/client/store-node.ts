import { createStateMachine } from '../../../src/kv/index.ts';
import type { AnyQuery, Operation } from '../../../src/kv/operation.ts';
import { ownRequest } from '../../../src/server/write-batches.ts';
import type { ServerMessage } from '../../../src/wire/client-protocol.ts';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import { decodeEnvelope, encodeEnvelope, type EncodedRequest } from '../../../src/wire/envelope.ts';
import { decodeAcknowledged } from '../../../src/wire/acknowledged-operation.ts';
import { ScriptedNode } from './scripted-node.ts';

/** A node with the real state machine behind it and no cluster; pages are small. */
export class StoreNode implements AsyncDisposable {
  readonly node: ScriptedNode;
  readonly #machine = createStateMachine();
  readonly asked: AnyQuery[] = [];
  /** Called before each operation is applied. */
  beforeWrite: (operation: Operation) => void = () => {};
  /** Whether the client hears what was done. */
  answers: (operation: Operation) => boolean = () => true;

  private constructor(node: ScriptedNode) {
    this.node = node;
  }

  static async start(): Promise<StoreNode> {
    const store = new StoreNode(await ScriptedNode.start({}));
    store.node.script = {
      read: ({ id, level, query }, to) => {
        store.asked.push(query);
        const result = store.#machine.query(query, { pageRecordsMax: 2, pageBytesMax: 1_000 });
        const facts = { term: 1, revision: store.revision, level, ageMs: 0 };
        to.say({ type: 'answer', id, ...facts, result });
      },
      sessions: false,
      write: ({ id, session, sequence, operation }, to) => {
        const decoded = decodeAcknowledged(operation, DEFAULT_LIMITS);
        if (!decoded.ok) throw new Error(decoded.message);
        if (!decoded.value.operation.type.startsWith('session')) store.beforeWrite(decoded.value.operation);
        const answer = store.#applied({ session, sequence, user: '', authRevision: 0, operation }, id);
        if (store.answers(decoded.value.operation)) to.say(answer);
      },
    };
    return store;
  }

  get revision(): number {
    return this.#machine.revision;
  }

  /** What somebody else does. */
  apply(operation: Operation, id = 1): ServerMessage {
    return this.#applied(ownRequest(operation), id);
  }

  #applied(request: EncodedRequest, id: number): ServerMessage {
    const index = this.#machine.appliedIndex + 1;
    const { requests } = decodeEnvelope(encodeEnvelope(0, [request]));
    const [reply] = this.#machine.apply(index, 0, requests);
    if (reply === undefined) throw new Error('one request, one reply');
    return { type: 'written', id, term: 1, reply };
  }

  put(key: string, value: string): void {
    const put = { type: 'put', key: Buffer.from(key), value: Buffer.from(value) } as const;
    this.apply({ ...put, conditions: [], returnPrevious: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
  }
}
