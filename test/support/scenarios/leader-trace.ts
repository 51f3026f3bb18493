/** Who led in which term, as the nodes say on `/v1/status`, asked again and again. */
import type { Status } from '../cluster.ts';
import type { FaultableCluster, FaultNode } from '../faults/vocabulary.ts';

const POLL_MS = 50;

export interface Sighting {
  readonly atMs: number;
  readonly node: string;
  readonly status: Pick<Status, 'role' | 'term' | 'leader' | 'commitIndex' | 'appliedIndex' | 'uptimeMs'>;
}

export class LeaderTrace {
  readonly #cluster: FaultableCluster;
  readonly #leaderOf = new Map<number, string>();
  readonly #complaints = new Set<string>();
  readonly #changes: Sighting[] = [];
  readonly #newest = new Map<string, Sighting>();
  readonly #lanes: readonly Promise<void>[];
  #running = true;

  constructor(cluster: FaultableCluster) {
    this.#cluster = cluster;
    this.#lanes = cluster.nodes.map((node) => this.#watch(node));
  }

  /** Two that lead one term: fails any run, whatever it is about (Raft's election safety). */
  get complaints(): readonly string[] {
    return [...this.#complaints];
  }

  /** Each change of role, term or known leader that was seen, in order. */
  get changes(): readonly Sighting[] {
    return this.#changes;
  }

  /** Terms that had a leader, from a moment on: each is one change of leader after it. */
  termsLedAfter(atMs: number): number {
    return new Set(this.#leading(atMs).map(({ status }) => status.term)).size;
  }

  /** The first time after `atMs` that somebody other than `not` was seen to lead; null if nobody was. */
  firstLeaderAfter(atMs: number, not: FaultNode | null): number | null {
    return this.#leading(atMs).find(({ node }) => node !== not?.id)?.atMs ?? null;
  }

  ledAfter(atMs: number, node: FaultNode): number | null {
    return this.#leading(atMs).find((each) => each.node === node.id)?.atMs ?? null;
  }

  /** The first time after `atMs` that this node was seen not to lead. */
  steppedDownAfter(atMs: number, node: FaultNode): number | null {
    const seen = this.#changes.find(
      (each) => each.atMs >= atMs && each.node === node.id && each.status.role !== 'leader',
    );
    return seen?.atMs ?? null;
  }

  /** Who was last seen to lead the newest term; null before anybody was. */
  newestLeader(): string | null {
    return this.#leaderOf.get(Math.max(0, ...this.#leaderOf.keys())) ?? null;
  }

  newest(node: FaultNode): Sighting | null {
    return this.#newest.get(node.id) ?? null;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#lanes);
  }

  #leading(atMs: number): readonly Sighting[] {
    return this.#changes.filter((each) => each.atMs >= atMs && each.status.role === 'leader');
  }

  async #watch(node: FaultNode): Promise<void> {
    while (this.#running) {
      const askedAtMs = performance.now();
      const status = await this.#cluster.status(node).catch(() => null);
      if (status !== null) this.#see({ atMs: askedAtMs, node: node.id, status });
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #see(sighting: Sighting): void {
    const { node, status } = sighting;
    // Not joined, or not opened its log yet: it has nothing to say of terms.
    if (status.term === 0) return;
    const before = this.#newest.get(node)?.status;
    this.#newest.set(node, sighting);
    const same =
      before?.role === status.role && before.term === status.term && before.leader === status.leader;
    if (!same) this.#changes.push(sighting);
    if (before !== undefined) this.#noTermBack(node, before, status);
    this.#oneLeaderATerm(status.term, status.role === 'leader' ? node : status.leader);
  }

  /**
   * A status tells of a term before that is on the disk, and a process that is killed right then has never promised
   * anything in it. Whoever led a term had its own vote on the disk.
   */
  #noTermBack(node: string, before: Sighting['status'], now: Sighting['status']): void {
    const restarted = now.uptimeMs < before.uptimeMs;
    const floor = restarted ? this.#newestLedBy(node) : before.term;
    if (now.term < floor) this.#complaints.add(`${node} went back from term ${floor} to ${now.term}`);
  }

  #newestLedBy(node: string): number {
    return Math.max(0, ...[...this.#leaderOf].flatMap(([term, leader]) => (leader === node ? [term] : [])));
  }

  /** What a node says of another counts as well. */
  #oneLeaderATerm(term: number, leader: string | null): void {
    if (leader === null) return;
    const known = this.#leaderOf.get(term);
    if (known === undefined) this.#leaderOf.set(term, leader);
    else if (known !== leader) this.#complaints.add(`term ${term} was led by ${known} and by ${leader}`);
  }
}
