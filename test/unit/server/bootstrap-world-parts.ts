/** What the world of bootstrap-world.ts is made of: machines, connections, and what can happen. */
import type { Bootstrap } from '../../../src/server/bootstrap.ts';
import type { Genesis, PeerHello, PeerMessage } from '../../../src/wire/peer-protocol.ts';

export interface Disk {
  incarnation: string;
  genesis: Genesis | null;
}

export interface Process {
  state: Bootstrap;
  announced: Genesis | null;
  /** The write in flight; at most one. */
  storing: Genesis | null;
  readonly drawn: string;
  /** By peer id, as transport's slots. */
  readonly slots: Map<string, End>;
}

/** One side of a connection, and what is on its way to it. */
export interface End {
  readonly place: string;
  /** The machine at the other side. */
  readonly from: string;
  readonly dialled: string | null;
  readonly inbox: PeerMessage[];
  phase: 'greeting' | 'confirming' | 'up' | 'ended';
  hello: PeerHello | null;
  other: End | null;
}

export interface Place {
  readonly name: string;
  readonly id: string;
  readonly disk: Disk;
  process: Process | null;
}

export type Step =
  | { readonly type: 'start' | 'crash' | 'stored' | 'wipe'; readonly place: string }
  | { readonly type: 'crashWhileStoring'; readonly place: string }
  | { readonly type: 'dial'; readonly place: string; readonly to: string }
  | { readonly type: 'deliver' | 'notice'; readonly end: number };

/** Equal for two worlds in which the same can happen. */
export function worldKey(places: readonly Place[], ends: readonly End[]): string {
  const number = new Map(ends.map((end, index) => [end, index]));
  const connections = ends.map((end) => [
    end.place,
    end.dialled,
    end.inbox,
    end.phase,
    end.hello,
    end.other === null ? null : number.get(end.other),
  ]);
  const machines = places.map(({ disk, process }) => [
    disk,
    process === null
      ? null
      : [
          process.state.phase,
          [...process.state.linked.values()],
          process.storing,
          process.drawn,
          [...process.slots.values()].map((end) => number.get(end)),
        ],
  ]);
  return JSON.stringify([machines, connections]);
}
