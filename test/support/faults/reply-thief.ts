/**
 * Stands between some clients and a cluster, whatever that runs on, and takes away replies: of all that a node says, so
 * many per cent are lost, each together with its connection, as TCP loses nothing else. The request was heard.
 */
import { Lane } from './lane.ts';
import { LinkProxy } from './link-proxy.ts';
import type { FaultNode } from './vocabulary.ts';

export class ReplyThief implements AsyncDisposable {
  readonly #proxies: readonly LinkProxy[];
  readonly #lanes: readonly Lane[];

  private constructor(proxies: readonly LinkProxy[], lanes: readonly Lane[]) {
    this.#proxies = proxies;
    this.#lanes = lanes;
  }

  static async before(nodes: readonly FaultNode[], percent: number): Promise<ReplyThief> {
    const lanes: Lane[] = [];
    const proxies: LinkProxy[] = [];
    for (const { id, client } of nodes) {
      const [host = '', port = ''] = client.split(':');
      const back = new Lane(id, 'clients');
      back.become({ kind: 'snap', percent });
      lanes.push(back);
      proxies.push(await LinkProxy.listen({ host, port: Number(port) }, new Lane('clients', id), back));
    }
    return new ReplyThief(proxies, lanes);
  }

  /** HOST:PORT of each node, by way of the thief. */
  get addresses(): readonly string[] {
    return this.#proxies.map(({ address }) => address);
  }

  /** How many replies it took. */
  get taken(): number {
    return this.#lanes.reduce((sum, { counters }) => sum + counters.cuts, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
  }
}
