/**
 * Machines, disks and connections around the real `bootstrapStep` and the real `judgeHello`, with everything that can
 * go wrong as a step of its own: a crash with the write done or not, a wipe, a connection that is dead on one side
 * only, messages that stay on their way. What transport/peer-link.ts does with hello, ping and replacement is done here
 * in the same order.
 */
import { bootstrapStep, NOT_STARTED } from '../../../src/server/bootstrap.ts';
import type { BootstrapAction, BootstrapInput } from '../../../src/server/bootstrap.ts';
import { judgeHello, ownHello } from '../../../src/transport/handshake.ts';
import type { PeerIdentity } from '../../../src/transport/handshake.ts';
import type { Genesis, PeerHello } from '../../../src/wire/peer-protocol.ts';
import { worldKey } from './bootstrap-world-parts.ts';
import type { End, Place, Process, Step } from './bootstrap-world-parts.ts';

export class World {
  readonly places = new Map<string, Place>();
  readonly refusals: string[] = [];
  /** Every record that was ever durable anywhere. */
  readonly durable: Genesis[] = [];
  readonly #voters: readonly string[];
  #ends: End[] = [];
  #drawn = 0;

  /** `places`: name of a machine to the id of the node on it. */
  constructor(voters: readonly string[], places: Readonly<Record<string, string>>) {
    this.#voters = voters;
    for (const [name, id] of Object.entries(places)) {
      this.places.set(name, { name, id, disk: { incarnation: this.#draw(), genesis: null }, process: null });
    }
  }

  place(name: string): Place {
    const found = this.places.get(name);
    if (found === undefined) throw new Error(`no place ${name}`);
    return found;
  }

  /** Copies a disk to a second machine under the same id. */
  clone(from: string, to: string): void {
    const { id, disk } = this.place(from);
    this.places.set(to, { name: to, id, disk: { ...disk }, process: null });
  }

  /** Everything that could happen next. */
  possible(): Step[] {
    const steps: Step[] = [];
    for (const place of this.places.values()) {
      const { name, id, process } = place;
      if (process === null) {
        steps.push({ type: 'start', place: name });
        if (!this.#lastWordsOf(place)) steps.push({ type: 'wipe', place: name });
        continue;
      }
      steps.push({ type: 'crash', place: name });
      if (process.storing !== null) {
        steps.push({ type: 'stored', place: name }, { type: 'crashWhileStoring', place: name });
      }
      for (const to of this.places.values()) {
        if (id < to.id && to.process !== null && !process.slots.has(to.id)) {
          steps.push({ type: 'dial', place: name, to: to.name });
        }
      }
    }
    this.#ends.forEach((end, index) => {
      if (end.phase === 'ended') return;
      if (end.inbox.length > 0) steps.push({ type: 'deliver', end: index });
      if (end.other === null) steps.push({ type: 'notice', end: index });
    });
    return steps;
  }

  take(step: Step): void {
    switch (step.type) {
      case 'start':
        this.#start(this.place(step.place));
        break;
      case 'crash':
        this.#crash(this.place(step.place));
        break;
      case 'crashWhileStoring':
        this.#write(this.place(step.place));
        this.#crash(this.place(step.place));
        break;
      case 'stored':
        this.#write(this.place(step.place));
        this.#feed(this.place(step.place), { type: 'stored' });
        break;
      case 'wipe':
        Object.assign(this.place(step.place).disk, { incarnation: this.#draw(), genesis: null });
        break;
      case 'dial':
        this.#dial(this.place(step.place), this.place(step.to));
        break;
      case 'deliver':
        this.#deliver(this.#end(step.end));
        break;
      case 'notice':
        this.#close(this.#end(step.end));
        break;
    }
    this.#ends = this.#ends.filter((end) => end.phase !== 'ended');
  }

  /** No more faults: everything starts, connects and arrives, until nothing is left to do. */
  settle(): void {
    for (let step = 0; step < 2_000; step += 1) {
      const next = this.possible().find(
        ({ type }) => type !== 'crash' && type !== 'crashWhileStoring' && type !== 'wipe',
      );
      if (next === undefined) return;
      this.take(next);
    }
    // Refused peers dial for ever.
  }

  /** The same for two worlds in which the same can happen. */
  key(): string {
    return worldKey([...this.places.values()], this.#ends);
  }

  /**
   * Whether a dead member's last words are still unread. Nobody wipes a disk and starts on it again within the time that
   * a word spends in a socket; if somebody did, and wiped the founder too, a late genesis could strand its reader. The
   * founder's own last words may be late: its next link ends the one that has them.
   */
  #lastWordsOf({ name, id }: Place): boolean {
    if (id === this.#voters[0]) return false;
    return this.#ends.some((end) => end.from === name && end.other === null && end.inbox.length > 0);
  }

  #draw(): string {
    this.#drawn += 1;
    return String(this.#drawn).padStart(32, '0');
  }

  #end(index: number): End {
    const end = this.#ends[index];
    if (end === undefined) throw new Error(`no end ${index}`);
    return end;
  }

  #self({ id, disk }: Place): PeerIdentity {
    return {
      protocolMin: 1,
      protocolMax: 1,
      clusterName: 'same',
      nodeId: id,
      incarnation: disk.incarnation,
      voters: this.#voters,
      client: '',
      settings: {},
    };
  }

  #start(place: Place): void {
    const slots = new Map<string, End>();
    place.process = { state: NOT_STARTED, announced: null, storing: null, drawn: this.#draw(), slots };
    this.#feed(place, { type: 'start', stored: place.disk.genesis });
  }

  #crash(place: Place): void {
    place.process = null;
    // The other sides learn of it later, after what was still on its way, or instead of it.
    for (const end of this.#ends) {
      if (end.place !== place.name || end.phase === 'ended') continue;
      if (end.other !== null) end.other.other = null;
      end.phase = 'ended';
    }
  }

  #write(place: Place): void {
    const genesis = place.process?.storing ?? null;
    if (genesis === null || place.process === null) throw new Error('nothing to write');
    if (place.disk.genesis !== null) throw new Error(`${place.name} stores a second genesis`);
    place.disk.genesis = genesis;
    place.process.storing = null;
    this.durable.push(genesis);
  }

  #feed(place: Place, input: BootstrapInput): void {
    const { process, disk, id } = place;
    if (process === null) throw new Error(`${place.name} is down`);
    const self = { nodeId: id, incarnation: disk.incarnation, clusterName: 'same', voters: this.#voters };
    const { state, actions } = bootstrapStep(self, process.state, input, process.drawn);
    process.state = state;
    for (const action of actions) this.#act(place, process, action);
  }

  #act(place: Place, process: Process, action: BootstrapAction): void {
    switch (action.type) {
      case 'announce':
        process.announced = action.genesis;
        for (const end of process.slots.values()) this.#judgeAgain(place, end);
        break;
      case 'store':
        if (process.storing !== null) throw new Error('two writes in flight');
        process.storing = action.genesis;
        break;
      case 'send': {
        const end = process.slots.get(action.peer);
        if (end?.phase === 'up') end.other?.inbox.push({ type: 'genesis', genesis: action.genesis });
        break;
      }
      case 'founded':
        if (place.disk.genesis?.clusterId !== action.genesis.clusterId)
          throw new Error('votes before it is durable');
        break;
      case 'reject':
        this.refusals.push(action.code);
        break;
    }
  }

  #dial(place: Place, to: Place): void {
    const near: End = {
      place: place.name,
      from: to.name,
      dialled: to.id,
      inbox: [],
      phase: 'greeting',
      hello: null,
      other: null,
    };
    const far: End = {
      place: to.name,
      from: place.name,
      dialled: null,
      inbox: [],
      phase: 'greeting',
      hello: null,
      other: near,
    };
    near.other = far;
    this.#ends.push(near, far);
    place.process?.slots.set(to.id, near);
    far.inbox.push(this.#hello(place, to.id));
  }

  #hello(place: Place, expects: string): PeerHello {
    return ownHello({ self: this.#self(place), genesis: place.process?.announced ?? null }, expects);
  }

  #judge(place: Place, end: End, hello: PeerHello): boolean {
    const genesis = place.process?.announced ?? null;
    const verdict = judgeHello({ self: this.#self(place), genesis, dialled: end.dialled }, hello);
    if (verdict.accept) return true;
    this.refusals.push(verdict.code);
    end.other?.inbox.push({ type: 'refuse', code: verdict.code, message: '' });
    this.#close(end);
    return false;
  }

  #judgeAgain(place: Place, end: End): void {
    if (end.hello !== null && end.phase !== 'ended') this.#judge(place, end, end.hello);
  }

  #close(end: End): void {
    if (end.phase === 'ended') return;
    const wasUp = end.phase === 'up';
    end.phase = 'ended';
    if (end.other !== null) end.other.other = null;
    const place = this.place(end.place);
    const peer = end.dialled ?? end.hello?.nodeId ?? '';
    if (place.process?.slots.get(peer) === end) place.process.slots.delete(peer);
    if (wasUp) this.#feed(place, { type: 'linkDown', peer });
  }

  #deliver(end: End): void {
    const message = end.inbox.shift();
    const place = this.place(end.place);
    if (message === undefined || place.process === null) throw new Error('nothing to deliver');
    if (message.type === 'refuse') return this.#close(end);
    if (message.type === 'hello') return this.#greeted(place, end, message);
    if (end.phase === 'confirming') this.#up(place, end);
    if (message.type === 'genesis' && end.hello !== null) {
      this.#feed(place, { type: 'genesis', from: end.hello.nodeId, genesis: message.genesis });
    }
  }

  #greeted(place: Place, end: End, hello: PeerHello): void {
    if (!this.#judge(place, end, hello)) return;
    end.hello = hello;
    if (end.dialled !== null) {
      end.other?.inbox.push({ type: 'ping' });
      return this.#up(place, end);
    }
    end.phase = 'confirming';
    const old = place.process?.slots.get(hello.nodeId);
    place.process?.slots.set(hello.nodeId, end);
    if (old !== undefined) this.#close(old);
    end.other?.inbox.push(this.#hello(place, hello.nodeId));
  }

  #up(place: Place, end: End): void {
    end.phase = 'up';
    if (end.hello !== null) this.#feed(place, { type: 'linkUp', hello: end.hello });
  }
}
