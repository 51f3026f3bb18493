/**
 * Connections between residents of hosts, over the weather of the day.
 *
 *   dial ── a delay ──► accepted, or refused ── a delay ──► open        blocked: held, like every packet, until it heals
 *   process killed      its host says so to everybody connected, a delay later
 *   machine lost        nobody says anything (half-open); whoever sends there once it runs again is told
 */
import { formatEndpoint } from '../../wire/endpoints.ts';
import type { Endpoint } from '../../wire/endpoints.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RandomStream } from '../kernel/random.ts';
import type { TraceHash } from '../kernel/trace-hash.ts';
import { LateCopies } from './late-copies.ts';
import { MessageTreatment } from './message-faults.ts';
import type { Resident } from './resident.ts';
import { SimulatedSocket } from './simulated-socket.ts';
import type { Delivery, SocketNetwork } from './simulated-socket.ts';
import type { CopyRate, Weather } from './weather.ts';

export interface Port {
  readonly resident: Resident;
  /** Peers' ports carry raft messages, to which the weather may do things of its own. */
  readonly kind: 'client' | 'peer';
  accept(socket: SimulatedSocket): void;
}

/** One direction of a connection. */
interface Lane {
  readonly from: SimulatedSocket;
  readonly to: SimulatedSocket;
  readonly kind: Port['kind'];
  /** From who was dialled to who dialled. */
  readonly isBack: boolean;
  /** Nothing arrives before what was sent before it. */
  lastArrivalMs: number;
  /** Sent, and stopped by a block. */
  readonly held: { readonly delivery: Delivery; readonly bytes: Uint8Array | undefined }[];
  /** The first is the greeting; after the second, messages may come again on it. */
  framesArrived: number;
}

export class Network implements SocketNetwork {
  readonly weather: Weather;
  readonly treatment = new MessageTreatment();
  readonly #kernel: Kernel;
  readonly #trace: TraceHash;
  readonly #ports = new Map<string, Port>();
  readonly #lanes = new Map<SimulatedSocket, Lane>();
  readonly #copies = new LateCopies();
  #framesDelivered = 0;
  #framesHeld = 0;
  #answersLost = 0;

  constructor(kernel: Kernel, weather: Weather, trace: TraceHash) {
    this.weather = weather;
    this.#kernel = kernel;
    this.#trace = trace;
    weather.onChange(() => this.#releaseHeld());
  }

  get counts(): Readonly<Record<'framesDelivered' | 'framesHeld' | 'answersLost', number>> {
    return {
      framesDelivered: this.#framesDelivered,
      framesHeld: this.#framesHeld,
      answersLost: this.#answersLost,
    };
  }

  /** Until the resident dies or calls what is returned. */
  listen(address: Endpoint, port: Port): () => void {
    const name = formatEndpoint(address);
    this.#ports.set(name, port);
    return () => {
      if (this.#ports.get(name) === port) this.#ports.delete(name);
    };
  }

  dial(from: Resident, address: Endpoint): SimulatedSocket {
    const socket = new SimulatedSocket(from, this);
    this.#knock(socket, address);
    return socket;
  }

  /** A packet that a block stops is sent again, a second later (TCP's first retry of a SYN). */
  #knock(socket: SimulatedSocket, address: Endpoint): void {
    const { host } = address;
    const { weather } = this;
    const nowMs = this.#kernel.now();
    const thereMs = weather.delayMs(socket.owner.host, host, nowMs);
    this.#kernel.schedule(thereMs, () => {
      if (socket.isClosed || !socket.owner.isAlive) return;
      if (weather.isBlocked(socket.owner.host, host) || weather.isBlocked(host, socket.owner.host)) {
        this.#kernel.schedule(1_000, () => this.#knock(socket, address));
        return;
      }
      this.#answer(socket, address);
    });
  }

  #answer(socket: SimulatedSocket, address: Endpoint): void {
    const backMs = this.weather.delayMs(address.host, socket.owner.host, this.#kernel.now());
    const port = this.#ports.get(formatEndpoint(address));
    if (port === undefined || !port.resident.isAlive) {
      this.later(socket, backMs, () => socket.refuse(`nobody listens at ${formatEndpoint(address)}`));
      return;
    }
    const accepted = new SimulatedSocket(port.resident, this);
    accepted.connect(socket);
    socket.connect(accepted);
    this.#lane(socket, accepted, port.kind, false);
    const back = this.#lane(accepted, socket, port.kind, true);
    back.lastArrivalMs = this.#kernel.now() + backMs;
    this.later(socket, backMs, () => socket.announceOpen());
    port.resident.run(() => port.accept(accepted));
  }

  #lane(from: SimulatedSocket, to: SimulatedSocket, kind: Port['kind'], isBack: boolean): Lane {
    const lane: Lane = { from, to, kind, isBack, lastArrivalMs: 0, held: [], framesArrived: 0 };
    this.#lanes.set(from, lane);
    return lane;
  }

  later(socket: SimulatedSocket, delayMs: number, task: () => void): void {
    this.#kernel.schedule(delayMs, () => socket.owner.run(task));
  }

  forget(socket: SimulatedSocket): void {
    const lane = this.#lanes.get(socket);
    // What it sent before it ended still arrives.
    if (lane !== undefined && lane.held.length === 0 && lane.lastArrivalMs <= this.#kernel.now())
      this.#lanes.delete(socket);
  }

  transmit(from: SimulatedSocket, delivery: Delivery): void {
    const lane = this.#lanes.get(from);
    if (lane === undefined) return;
    if (delivery.type === 'end') return this.#send(lane, delivery);
    const draws = this.weather.streamOf(from.owner.host, lane.to.owner.host);
    if (lane.kind === 'client') {
      const { answersLostPercent: percent, lateCopies } = this.weather;
      if (lateCopies !== null) this.#copyLater(lane, delivery.bytes, lateCopies, draws);
      const isLost = percent > 0 && lane.isBack && isWelcomed(lane) && draws.chance(percent);
      if (isLost) {
        this.#answersLost += 1;
        return from.arrived(delivery.bytes.length);
      }
      return this.#send(lane, delivery);
    }
    const { inTurn, later, replays } = this.treatment.treat(
      delivery.bytes,
      this.weather.climate.messages,
      draws,
    );
    if (inTurn === null) from.arrived(delivery.bytes.length);
    else this.#send(lane, delivery, inTurn);
    for (const { delayMs, bytes } of later) this.#kernel.schedule(delayMs, () => this.#inject(lane, bytes));
    for (const { delayMs, bytes } of replays) this.#kernel.schedule(delayMs, () => this.#replay(lane, bytes));
  }

  #copyLater(lane: Lane, frame: Uint8Array, { percent, lateMs }: CopyRate, draws: RandomStream): void {
    if (!lane.isBack) return this.#copies.asked(lane.from, frame);
    const { host } = lane.to.owner;
    for (const copy of this.#copies.answered(lane.to, frame)) {
      if (!draws.chance(percent)) continue;
      this.#kernel.schedule(draws.below(lateMs), () => this.#bringCopy(host, copy, draws));
    }
  }

  /** Over any connection that the client has now. */
  #bringCopy(host: string, copy: Uint8Array, draws: RandomStream): void {
    const lanes = [...this.#lanes.values()].filter(
      (lane) => lane.kind === 'client' && !lane.isBack && lane.from.owner.host === host && isGreeted(lane),
    );
    if (lanes.length > 0) this.#inject(draws.pick(lanes), copy);
  }

  /** `bytes` may differ from what was sent, whose length is what the sender's buffer knows. */
  #send(lane: Lane, delivery: Delivery, bytes?: Uint8Array): void {
    const nowMs = this.#kernel.now();
    const [from, to] = [lane.from.owner.host, lane.to.owner.host];
    lane.lastArrivalMs = Math.max(lane.lastArrivalMs, nowMs + this.weather.delayMs(from, to, nowMs));
    this.#kernel.schedule(lane.lastArrivalMs - nowMs, () => {
      if (lane.held.length > 0 || this.weather.isBlocked(from, to)) {
        this.#framesHeld += 1;
        lane.held.push({ delivery, bytes });
        return;
      }
      this.#arrive(lane, delivery, bytes);
    });
  }

  #arrive(lane: Lane, delivery: Delivery, bytes?: Uint8Array): void {
    if (delivery.type === 'frame') lane.from.arrived(delivery.bytes.length);
    else this.#lanes.delete(lane.from);
    if (!lane.to.owner.isAlive) {
      // A host that runs says that nobody is there; while it does not, nobody answers. Nobody answers the dead either.
      if (delivery.type === 'frame' && lane.from.owner.isAlive) this.#reset(lane);
      return;
    }
    if (lane.to.isClosed) return;
    const arrived =
      delivery.type === 'frame' && bytes !== undefined ? { type: 'frame' as const, bytes } : delivery;
    if (arrived.type === 'frame') this.#count(arrived.bytes);
    lane.to.owner.run(() => {
      lane.framesArrived += 1;
      lane.to.receive(arrived);
    });
  }

  #count(bytes: Uint8Array): void {
    this.#framesDelivered += 1;
    this.#trace.number(this.#kernel.now());
    this.#trace.bytes(bytes);
  }

  /** Out of turn: past whatever the link has under way. */
  #inject(lane: Lane, bytes: Uint8Array): void {
    const [from, to] = [lane.from.owner.host, lane.to.owner.host];
    if (!isGreeted(lane) || !lane.to.isOpen || !lane.to.owner.isAlive || this.weather.isBlocked(from, to))
      return;
    this.#count(bytes);
    lane.to.owner.run(() => lane.to.receive({ type: 'frame', bytes }));
  }

  /** Over the link that there is now between the two hosts in that direction. */
  #replay(old: Lane, bytes: Uint8Array): void {
    const [from, to] = [old.from.owner.host, old.to.owner.host];
    for (const lane of this.#lanes.values()) {
      const fits = lane.kind === 'peer' && lane.from.owner.host === from && lane.to.owner.host === to;
      if (fits && isGreeted(lane) && lane.to.isOpen) return this.#inject(lane, bytes);
    }
  }

  #releaseHeld(): void {
    for (const lane of this.#lanes.values()) {
      const [from, to] = [lane.from.owner.host, lane.to.owner.host];
      if (lane.held.length === 0 || this.weather.isBlocked(from, to)) continue;
      for (const { delivery, bytes } of lane.held.splice(0)) this.#send(lane, delivery, bytes);
    }
  }

  /** The kernel of a process that was killed closes its sockets: everybody connected hears of it. */
  processKilled(resident: Resident): void {
    for (const lane of this.#lanesOf(resident)) this.#send(lane, { type: 'end' });
  }

  /** The machine is gone and says nothing: the other ends stay as they are until they send something (half-open). */
  machineLost(resident: Resident): void {
    for (const lane of this.#lanesOf(resident)) this.#lanes.delete(lane.from);
  }

  #lanesOf(resident: Resident): readonly Lane[] {
    return [...this.#lanes.values()].filter((lane) => lane.from.owner === resident);
  }

  #reset(lane: Lane): void {
    const { from: to, to: from, isBack } = lane;
    const turned = { from, to, isBack: !isBack, held: [], lastArrivalMs: this.#kernel.now() };
    const back: Lane = { ...lane, ...turned };
    const isHostUp = [...this.#ports.values()].some(
      ({ resident }) => resident.host === lane.to.owner.host && resident.isAlive,
    );
    if (isHostUp) this.#send(back, { type: 'end' });
  }
}

/** Who was not even welcomed asks nothing. */
function isWelcomed({ framesArrived }: Lane): boolean {
  return framesArrived >= 1;
}

function isGreeted({ framesArrived }: Lane): boolean {
  return framesArrived >= 2;
}
