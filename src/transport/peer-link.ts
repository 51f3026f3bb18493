/**
 * One connection to a peer, from the first byte to the end.
 *
 *     dials                                   accepts
 *       │ hello ────────────────────────────────► │ judges it; an older link of that peer ends here
 *       │ ◄──────────────────────────────── hello │ (or: refuse, close)
 *       │ judges it; up                           │
 *       │ ping ─────────────────────────────────► │ the other accepted too; up
 *       │ (or: refuse, close)                     │
 *
 * Only what follows is delivered.
 */
import { decodePeerFrame, encodePeerMessages } from '../wire/peer-codec.ts';
import type { PeerHello, PeerMessage } from '../wire/peer-protocol.ts';
import type { FrameSocket } from './frame-socket.ts';
import type { Refused } from './handshake.ts';
import type { LinkCounters, LinkEnd, LinkOwner, Refusal } from './link-owner.ts';
import { Outbox } from './outbox.ts';
import { CLOSE_GOING_AWAY, CLOSE_POLICY, closeWith } from './socket-options.ts';

type Phase =
  | { readonly name: 'greeting' }
  /** Accepted by us, not yet known to be accepted by the peer. */
  | { readonly name: 'confirming'; readonly hello: PeerHello }
  | { readonly name: 'up'; readonly hello: PeerHello }
  | { readonly name: 'ended'; readonly hello: PeerHello | null };

const PING: readonly PeerMessage[] = [{ type: 'ping' }];

export class PeerLink {
  /** The peer that we dialled; null when it dialled us. */
  readonly dialled: string | null;
  readonly counters: LinkCounters = {
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    messagesSent: 0,
    messagesReceived: 0,
    messagesDropped: 0,
  };
  readonly #socket: FrameSocket;
  readonly #owner: LinkOwner;
  readonly #outbox: Outbox;
  #phase: Phase = { name: 'greeting' };
  #silentTicks = 0;
  #stalledTicks = 0;
  #sentSinceTick = false;

  constructor(socket: FrameSocket, dialled: string | null, owner: LinkOwner) {
    this.dialled = dialled;
    this.#socket = socket;
    this.#owner = owner;
    this.#outbox = new Outbox(owner.tuning);
    socket.on('message', (data, isBinary) => this.#received(data, isBinary));
    socket.on('close', () => this.#end('closed'));
    socket.on('error', (error) => this.#broken(error));
    if (dialled !== null) this.#sendFrame([owner.helloTo(dialled)]);
  }

  /** What the peer said of itself, once we accepted it. */
  get hello(): PeerHello | null {
    return this.#phase.name === 'greeting' ? null : this.#phase.hello;
  }

  get isUp(): boolean {
    return this.#phase.name === 'up';
  }

  /** Whether the peer was heard within about a heartbeat. */
  get isLively(): boolean {
    return this.isUp && this.#silentTicks <= 1;
  }

  /** Waiting here and in the socket. */
  get bufferedBytes(): number {
    return this.#outbox.bytes + this.#socket.bufferedAmount;
  }

  /** Queues until `flush`; false if the message was dropped. */
  send(message: PeerMessage): boolean {
    if (!this.isUp) return false;
    const queued = this.#outbox.push(message, this.#socket.bufferedAmount);
    if (queued === 'dropped') this.counters.messagesDropped += 1;
    if (queued === 'overflow') this.cut('overflow');
    return queued === 'queued';
  }

  flush(): void {
    if (!this.isUp) return;
    for (const messages of this.#outbox.take()) this.#sendFrame(messages);
  }

  /** Once a heartbeat. Counted in ticks, not in time: after a pause of our own, what lies in the socket is read first. */
  tick(): void {
    if (this.#hasEnded()) return;
    const { silentHeartbeatsMax, stalledHeartbeatsMax, bufferedBytesHard } = this.#owner.tuning;
    this.#silentTicks += 1;
    // The first tick may follow the last frame at once, so only the one after the last has seen them all pass.
    if (this.#silentTicks > silentHeartbeatsMax) return this.cut('silent');
    this.#stalledTicks = this.bufferedBytes > bufferedBytesHard ? this.#stalledTicks + 1 : 0;
    if (this.#stalledTicks > stalledHeartbeatsMax) return this.cut('stalled');
    if (this.isUp && !this.#sentSinceTick) this.#sendFrame(PING);
    this.#sentSinceTick = false;
  }

  /** Ends it without a word: the other side is not listening, or must hear it at once. */
  cut(reason: LinkEnd): void {
    this.#end(reason);
    this.#socket.terminate();
  }

  /** Ends it with a word of why. */
  refuse(hello: PeerHello, refusal: Refused): void {
    if (this.#phase.name === 'ended') return;
    const { code, message, hint } = refusal;
    this.#sendFrame([{ type: 'refuse', code, message: `${message}; ${hint}` }]);
    closeWith(this.#socket, CLOSE_POLICY, code);
    this.#owner.refused(hello, refusal);
    this.#end('refused');
  }

  /** Says goodbye. */
  stop(): void {
    this.flush();
    closeWith(this.#socket, CLOSE_GOING_AWAY, 'the node is stopping');
    this.#end('stopping');
  }

  #received(data: unknown, isBinary: boolean): void {
    if (this.#phase.name === 'ended') return;
    if (!isBinary || !(data instanceof Uint8Array)) return this.#invalid('a text frame');
    this.#silentTicks = 0;
    this.counters.framesReceived += 1;
    this.counters.bytesReceived += data.length;
    const decoded = decodePeerFrame(data, this.#owner);
    if (!decoded.ok) return this.#invalid(decoded.reason);
    const messages = decoded.value;
    this.counters.messagesReceived += messages.length;
    let place = 0;
    while (!this.isUp) {
      const message = messages[place];
      if (message === undefined) return;
      if (this.#handshake(message) === 'ended') return;
      // What confirms the handshake is itself the first message of the link.
      if (!this.isUp || message.type === 'hello') place += 1;
    }
    this.#deliver(place === 0 ? messages : messages.slice(place));
  }

  #handshake(message: PeerMessage): 'going on' | 'ended' {
    const isStranger = this.#phase.name === 'greeting' && this.dialled === null;
    if (message.type === 'refuse' && !isStranger) this.#told(message);
    else if (this.#phase.name === 'greeting' && message.type === 'hello') this.#greeted(message);
    else if (this.#phase.name === 'confirming' && message.type !== 'hello') this.#becomeUp(this.#phase.hello);
    else this.#invalid(`${message.type} while ${this.#phase.name}`);
    return this.#hasEnded() ? 'ended' : 'going on';
  }

  #hasEnded(): boolean {
    return this.#phase.name === 'ended';
  }

  #greeted(hello: PeerHello): void {
    const verdict = this.#owner.judge(this, hello);
    if (!verdict.accept) return this.refuse(hello, verdict);
    this.#owner.settings(hello, verdict.warnings);
    if (this.dialled !== null) {
      this.#sendFrame(PING);
      return this.#becomeUp(hello);
    }
    this.#phase = { name: 'confirming', hello };
    this.#owner.claimed(this, hello);
    this.#sendFrame([this.#owner.helloTo(hello.nodeId)]);
  }

  #becomeUp(hello: PeerHello): void {
    this.#phase = { name: 'up', hello };
    this.#owner.up(hello);
  }

  #deliver(messages: readonly PeerMessage[]): void {
    const payload = messages.every(isPayload) ? messages : messages.filter(isPayload);
    if (payload.length > 0) this.#owner.messages(this, payload);
    if (payload.length === messages.length) return;
    for (const message of messages) {
      if (message.type === 'refuse') return this.#told(message);
      if (message.type === 'hello') return this.#invalid('a second hello');
    }
  }

  #told(refusal: Refusal): void {
    if (this.#hasEnded()) return;
    this.#owner.told(this, refusal);
    closeWith(this.#socket, CLOSE_POLICY, refusal.code);
    this.#end('refused');
  }

  #invalid(reason: string): void {
    if (this.#hasEnded()) return;
    this.#owner.invalid(this, reason);
    closeWith(this.#socket, CLOSE_POLICY, `FRAME_INVALID: ${reason}`);
    this.#end('invalid');
  }

  /** ws has found a frame that breaks the protocol or its limits and closes by itself, or the socket failed. */
  #broken(error: Error): void {
    if (this.#hasEnded() || !('code' in error) || !String(error.code).startsWith('WS_ERR_')) return;
    this.#owner.invalid(this, error.message);
    this.#end('invalid');
  }

  #end(reason: LinkEnd): void {
    if (this.#phase.name === 'ended') return;
    const wasUp = this.isUp;
    this.#phase = { name: 'ended', hello: this.hello };
    this.#owner.ended(this, reason, wasUp);
  }

  #sendFrame(messages: readonly PeerMessage[]): void {
    const frame = encodePeerMessages(messages);
    this.#sentSinceTick = true;
    this.counters.framesSent += 1;
    this.counters.bytesSent += frame.length;
    this.counters.messagesSent += messages.length;
    this.#socket.send(frame);
  }
}

function isPayload(message: PeerMessage): boolean {
  return message.type !== 'ping' && message.type !== 'refuse' && message.type !== 'hello';
}
