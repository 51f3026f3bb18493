/**
 * A line for each turn of a node: causes, an arrow, effects.
 *
 *   [    310.0] n1 > asks n2, n3 whether they would vote for it in term 1
 *   [    312.4] n2 > hears that n1 asks it for a vote in term 1: its log (0@0) is as good as mine (0@0) -> writes #1: term 1, vote for n1
 *   [    313.0] n2 > has #1 on disk -> grants its vote to n1 in term 1
 *               ... 24 beats and their answers
 *   [    900.0] n1 ! ends
 */
import type { LogIndex, Message, NodeId, RaftStatus } from '../../raft/index.ts';
import type { Observation } from '../laws/law.ts';
import { PerNode } from '../laws/per-node.ts';
import { ShadowLogs } from '../laws/shadow-logs.ts';
import { applies, at, hears, isBeat, sends, votes, writes } from './sentences.ts';

/** What a node has done since its last line. */
interface Turn {
  readonly causes: string[];
  readonly effects: string[];
  /** The last sentence about a message, for the next receiver of the same. */
  said: { readonly before: string; readonly after: string; readonly to: string[] } | null;
  applied: { readonly from: LogIndex; to: LogIndex } | null;
  beats: number;
  standing: string;
  committed: LogIndex;
}

export class Narrator {
  readonly #say: (line: string) => void;
  readonly #shadows = new ShadowLogs();
  readonly #turns = new PerNode<Turn>(() => ({
    causes: [],
    effects: [],
    said: null,
    applied: null,
    beats: 0,
    standing: 'follows nobody in term 0',
    committed: 0,
  }));
  #beats = 0;

  /** `say` gets every line, without a line break. */
  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Something that was done to the cluster: a fault begins or ends, a client calls. */
  happens(what: string, nowMs: number): void {
    this.#line(nowMs, `== ${what}`);
  }

  /** A message reaches a node, before the turn that takes it in. For who can tell: the story is whole without. */
  heard(message: Message, nowMs: number): void {
    const turn = this.#turns.of(message.to);
    if (isBeat(message)) turn.beats += 1;
    else this.#cause(message.to, hears(message, this.#shadows.of(message.to)), nowMs);
  }

  observe(observation: Observation, nowMs: number): void {
    const { node } = observation;
    const turn = this.#turns.of(node);
    switch (observation.type) {
      case 'started': {
        const { hardState, last } = observation.recovered;
        const held = `term ${hardState.term}, ${votes(hardState.votedFor)}, log up to ${at(last)}`;
        this.#line(nowMs, `${node} * starts with ${held}`);
        turn.standing = `follows nobody in term ${hardState.term}`;
        turn.committed = 0;
        break;
      }
      case 'ended':
        this.#tell(node, turn, nowMs);
        this.#line(nowMs, `${node} ! ends`);
        break;
      case 'persist':
        this.#effect(turn, writes(observation.write));
        break;
      case 'opened':
      case 'founded':
      case 'read':
        break;
      case 'durable':
        this.#cause(node, `has #${observation.through} on disk`, nowMs);
        break;
      case 'sent':
        this.#sent(turn, observation.message);
        break;
      case 'applied':
        if (turn.applied === null)
          turn.applied = { from: observation.entry.index, to: observation.entry.index };
        else turn.applied.to = observation.entry.index;
        break;
      case 'turned':
        this.#stands(turn, observation.status);
        this.#tell(node, turn, nowMs);
        break;
    }
    this.#shadows.observe(observation);
  }

  /** What has no turn of its own any more: after the last observation. */
  end(nowMs: number): void {
    for (const [node, turn] of this.#turns.all()) this.#tell(node, turn, nowMs);
    this.#tellBeats();
  }

  /** A cause after an effect begins a new line, so that nothing seems to follow from what came later. */
  #cause(node: NodeId, cause: string, nowMs: number): void {
    const turn = this.#turns.of(node);
    if (turn.effects.length > 0 || turn.said !== null || turn.applied !== null) this.#tell(node, turn, nowMs);
    turn.causes.push(cause);
  }

  #effect(turn: Turn, effect: string): void {
    this.#closeSaid(turn);
    turn.effects.push(effect);
  }

  #sent(turn: Turn, message: Message): void {
    if (isBeat(message)) {
      turn.beats += 1;
      return;
    }
    const { before, after } = sends(message);
    if (turn.said?.before === before && turn.said.after === after) {
      turn.said.to.push(message.to);
      return;
    }
    this.#closeSaid(turn);
    turn.said = { before, after, to: [message.to] };
  }

  #closeSaid(turn: Turn): void {
    if (turn.said === null) return;
    const { before, after, to } = turn.said;
    turn.said = null;
    turn.effects.push(`${before} ${to.join(', ')} ${after}`);
  }

  #stands(turn: Turn, status: RaftStatus): void {
    const standing = standingOf(status);
    if (standing !== turn.standing) this.#effect(turn, standing);
    turn.standing = standing;
    if (status.committed > turn.committed) this.#effect(turn, `knows ${status.committed} to be committed`);
    turn.committed = status.committed;
  }

  #tell(node: NodeId, turn: Turn, nowMs: number): void {
    this.#closeSaid(turn);
    if (turn.applied !== null) turn.effects.push(applies(turn.applied.from, turn.applied.to));
    turn.applied = null;
    this.#beats += turn.beats;
    turn.beats = 0;
    const parts = [turn.causes.join(', '), turn.effects.join(', ')].filter((part) => part !== '');
    turn.causes.length = 0;
    turn.effects.length = 0;
    if (parts.length > 0) this.#line(nowMs, `${node} > ${parts.join(' -> ')}`);
  }

  #line(nowMs: number, line: string): void {
    this.#tellBeats();
    this.#say(`[${nowMs.toFixed(1).padStart(9)}] ${line}`);
  }

  #tellBeats(): void {
    if (this.#beats > 0) this.#say(`            ... ${this.#beats} beats and answers to them`);
    this.#beats = 0;
  }
}

function standingOf({ role, term, leader }: RaftStatus): string {
  switch (role) {
    case 'leader':
      return `leads term ${term}`;
    case 'candidate':
      return `is a candidate in term ${term}`;
    case 'preCandidate':
      return `would stand in term ${term + 1}`;
    case 'follower':
      return `follows ${leader ?? 'nobody'} in term ${term}`;
  }
}
