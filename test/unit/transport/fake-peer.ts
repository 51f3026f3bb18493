import { WebSocket } from 'ws';

import { decodePeerFrame, encodePeerMessages } from '../../../src/wire/peer-codec.ts';
import type { PeerHello, PeerMessage } from '../../../src/wire/peer-protocol.ts';
import { PEER_SUBPROTOCOL } from '../../../src/wire/versions.ts';
import { hello } from './hellos.ts';
import { until } from './test-node.ts';
import type { TestNode } from './test-node.ts';

/** A peer that says only what the test makes it say, and answers nothing by itself. */
export class FakePeer {
  readonly socket: WebSocket;
  readonly received: PeerMessage[] = [];
  closedWith: number | null = null;

  constructor(target: TestNode, headers: Readonly<Record<string, string>> = {}) {
    const { host, port } = target.listener.address;
    this.socket = new WebSocket(`ws://${host}:${port}`, PEER_SUBPROTOCOL, {
      perMessageDeflate: false,
      headers,
    });
    this.socket.on('error', () => {});
    this.socket.on('close', (code) => {
      this.closedWith = code;
    });
    this.socket.on('message', (data: Buffer) => {
      const frame = decodePeerFrame(data, { frameBytesMax: Number.MAX_SAFE_INTEGER });
      if (!frame.ok) throw new Error(frame.reason);
      this.received.push(...frame.value);
    });
  }

  static async open(target: TestNode): Promise<FakePeer> {
    const peer = new FakePeer(target);
    await until('a connection', () => peer.socket.readyState === WebSocket.OPEN);
    return peer;
  }

  /** Through the handshake as `id`, until the target reports the link. */
  static async join(target: TestNode, id: string, change: Partial<PeerHello> = {}): Promise<FakePeer> {
    const ups = target.told.filter((each) => each === `up ${id}`).length;
    const peer = await FakePeer.open(target);
    peer.say(hello(id, target.id, change));
    await until('its hello', () => peer.received.some(({ type }) => type === 'hello'));
    peer.say({ type: 'ping' });
    await until(`the link of ${id}`, () => target.told.filter((each) => each === `up ${id}`).length > ups);
    return peer;
  }

  say(...messages: readonly PeerMessage[]): void {
    this.socket.send(encodePeerMessages(messages));
  }

  get isClosed(): boolean {
    return this.closedWith !== null;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
