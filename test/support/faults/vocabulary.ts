/**
 * What can go wrong, in words: the one vocabulary of faults, spoken by real processes behind link proxies
 * (process-cluster.ts) and by containers behind packet filters. A scenario is written against this file alone and runs
 * wherever `capabilities` says that its faults can be made.
 *
 * Words for links, with a and b nodes; what is said between nodes only, client links stay as they are:
 *
 *   word                    a hears b   b hears a
 *   oneWay(a, b)            no          yes        b still hears a, and cannot answer
 *   partition([a], [b])     no          no
 *   lose(link(a, b), 30)    70 %        70 %       of packets, or of what stands for packets
 *
 * A fault lasts until `heal()`; faults on one link replace each other, faults on different links add up. Faults of
 * links never close a connection by themselves, as a dead switch does not either; `cut` does.
 */
import type { Database, Status } from '../cluster.ts';

export interface FaultableCluster extends AsyncDisposable {
  readonly nodes: readonly FaultNode[];
  /** What this cluster can do to itself. A scenario that needs what is missing is skipped with the reason given. */
  readonly capabilities: Capabilities;

  /** The node that leads the newest term known to any node that can be asked; waits until there is one. */
  leader(timeoutMs?: number): Promise<FaultNode>;
  status(node: FaultNode): Promise<Status>;
  /** The SDK, closed with the cluster. */
  connect(options?: ClusterConnectOptions): Promise<Database>;

  /** Nobody hears it and it hears nobody; clients still reach it. */
  isolate(node: FaultNode): Promise<void>;
  /**
   * Only nodes that share a group hear each other; a node in no group hears nobody. Groups may overlap: a star around a
   * is `partition([a, b], [a, c], [a, d])`.
   */
  partition(...groups: readonly (readonly FaultNode[])[]): Promise<void>;
  /** `to` hears `from`, but `from` does not hear `to`. */
  oneWay(from: FaultNode, to: FaultNode): Promise<void>;
  /** Two halves that hear each other only through this node, which hears all. */
  bridge(node: FaultNode): Promise<void>;
  /** Each node hears its two neighbours in a ring: with five nodes, each sees another majority. */
  ring(): Promise<void>;
  /** Each node hears the one before and the one after it, in the order given; the ends hear one. */
  chain(...order: readonly FaultNode[]): Promise<void>;

  /** Down and up again in turn until healed. */
  flap(link: Link, times?: FlapTimes): Promise<void>;
  lose(link: Link, percent: number): Promise<void>;
  throttle(link: Link, bytesPerSecond: number): Promise<void>;
  /** Each way, so a round trip takes twice as long; `jitterMs` more or less at random. */
  delay(link: Link, ms: number, jitterMs?: number): Promise<void>;
  /** Both ends keep their connection, and nothing passes any more on this or any new one; never delivered late. */
  halfOpen(link: Link): Promise<void>;
  /** Its connections are reset now, perhaps inside a frame; new ones are let through. */
  cut(link: Link): Promise<void>;
  /** Requests of clients reach the node, its replies do not reach them. */
  loseReplies(node: FaultNode): Promise<void>;

  /** Stops without ending, its sockets open (SIGSTOP, freezer). */
  pause(node: FaultNode): Promise<void>;
  resume(node: FaultNode): Promise<void>;
  /** Its event loop is busy for so long, and answers nothing; unlike a pause, timers then all ring at once. */
  busyLoop(node: FaultNode, ms: number): Promise<void>;
  /** No goodbye: SIGKILL. */
  kill9(node: FaultNode): Promise<void>;
  /** The graceful end: SIGTERM, and waited for. */
  stop(node: FaultNode): Promise<void>;
  /** Starts a node that is down, or ends it with SIGKILL first; `ready: false` does not wait until it serves. */
  restart(node: FaultNode, options?: { readonly ready?: boolean }): Promise<void>;
  /** Killed, and its data directory emptied. */
  wipe(node: FaultNode): Promise<void>;

  /** Its wall clock shows so much more (or less) than before; timers and the monotonic clock do not notice. */
  clockJump(node: FaultNode, ms: number): Promise<void>;
  /** All its clocks, the monotonic one too, run so many per cent faster than others, or slower. */
  clockDrift(node: FaultNode, percent: number): Promise<void>;
  /** It dies by SIGKILL at the so many-th sync of its disk from now, before what is synced is durable, or right after. */
  crashAtSync(node: FaultNode, nth: number, when: 'before' | 'after'): Promise<void>;
  /** From now on every sync of its disk fails (EIO). */
  failSync(node: FaultNode): Promise<void>;
  /** Its disk says that it synced, and did not; a later power cut shows it. */
  lieAboutSync(node: FaultNode): Promise<void>;
  /** From now on every sync of its disk takes so much longer. */
  stallSync(node: FaultNode, ms: number): Promise<void>;
  /** Its disk is full. */
  fillDisk(node: FaultNode): Promise<void>;
  /** Killed, and everything lost that was not synced. */
  powerCut(node: FaultNode): Promise<void>;

  /**
   * All links, clocks and disks as they were at first, and paused nodes running; nodes that are down stay down. What
   * the fault held back arrives, as TCP would send it again; what it dropped for good was lost with its connection.
   */
  heal(): Promise<void>;

  /** Counted since the start, never reset: the difference of two proofs shows that a fault happened. */
  proof(): Promise<Proof>;
  /** Where this machine finds the node's data, for the audit after the node was stopped. */
  dataDirectory(node: FaultNode): Promise<string>;
  /** What the node said, newest last. */
  said(node: FaultNode): Promise<readonly string[]>;
}

export interface FaultNode {
  readonly id: string;
  /** HOST:PORT for clients and HTTP, as reached from the tests; it stays the same over restarts. */
  readonly client: string;
}

export interface ClusterConnectOptions {
  readonly timeoutMs?: number;
  /** The endpoints to begin with; all nodes unless given. */
  readonly only?: readonly FaultNode[];
  /** @default true: also the other members, as the nodes name them */
  readonly discover?: boolean;
  readonly retry?: boolean;
}

/** Both directions between two nodes. */
export interface Link {
  readonly one: FaultNode;
  readonly other: FaultNode;
}

export function link(one: FaultNode, other: FaultNode): Link {
  return { one, other };
}

export interface FlapTimes {
  readonly downMs: number;
  readonly upMs: number;
}

/** The words that break something. */
export type FaultName = Exclude<
  keyof FaultableCluster,
  | 'nodes'
  | 'capabilities'
  | 'leader'
  | 'status'
  | 'connect'
  | 'heal'
  | 'proof'
  | 'dataDirectory'
  | 'said'
  | typeof Symbol.asyncDispose
>;

export type Capability = { readonly able: true } | { readonly able: false; readonly why: string };
export type Capabilities = Readonly<Record<FaultName, Capability>>;

export const able: Capability = { able: true };

export function unable(why: string): Capability {
  return { able: false, why };
}

export interface Proof {
  /** One for each direction of each link between two nodes, and between `clients` and a node where faults reach those. */
  readonly links: readonly LinkProof[];
  readonly nodes: readonly NodeProof[];
}

export interface LinkProof {
  readonly from: string;
  readonly to: string;
  /** What reached the other side; 0 where the cluster cannot tell. */
  readonly passedBytes: number;
  /** What a fault kept from the other side, for good or until it healed. A filter of packets counts those. */
  readonly stoppedBytes: number;
  /** What came later than it was sent, because of a delay, loss or throttle. */
  readonly slowedBytes: number;
  /** Connections that a fault reset. */
  readonly cuts: number;
}

export interface NodeProof {
  readonly id: string;
  readonly state: 'running' | 'paused' | 'down';
  readonly starts: number;
  readonly kills: number;
  readonly pauses: number;
  /** Times that its clock was moved, its disk broken or its data removed. */
  readonly harmed: number;
  /** How its last life ended, once it has; null while it runs. */
  readonly exitCode: number | null;
}
