/** What goes wrong in a run, as data: a schedule can be printed, replayed, and minimised by leaving lines out. */
import type { Damage, DiskFaults } from '../disk/index.ts';
import type { Climate } from '../network/weather.ts';
import type { Death } from '../node/simulated-node.ts';

/** Nodes by number, 0 to size - 1; `leader` and `follower` are looked up when the fault begins. */
export type Whom = number | 'leader' | 'follower';

export type Harm =
  | { readonly kind: 'crash'; readonly whom: Whom; readonly death: Death }
  /** At the so-manyth durable step from now: begun, under way, or done and told nobody. */
  | { readonly kind: 'crash at step'; readonly whom: Whom; readonly death: Death; readonly steps: number }
  /**
   * Until the calm: whoever cuts its log, so many durable steps after it began to, and each time that it does. At first
   * the leader is cut off from its peers, so that it writes what it will have to cut.
   */
  | {
      readonly kind: 'crash in truncation';
      readonly whom: 'leader';
      readonly death: Death;
      readonly steps: number;
      readonly downMs: number;
    }
  | { readonly kind: 'stop'; readonly whom: Whom }
  | { readonly kind: 'sleep'; readonly whom: Whom }
  /** Two groups that do not hear each other; clients are with the first. */
  | { readonly kind: 'partition'; readonly group: readonly number[]; readonly clientsToo: boolean }
  | { readonly kind: 'isolate'; readonly whom: Whom; readonly way: 'both' | 'in' | 'out' }
  /**
   * Cut off from its peers and not from its clients, with a clock that lets it believe in itself for longer; so many
   * others, too few for a majority, are cut off with it and believe it too. Its disk is slow for a while before that:
   * what then waits for it was sent in part.
   */
  | {
      readonly kind: 'stale leader';
      readonly whom: 'leader';
      readonly rate: number;
      readonly slowMs: number;
      readonly companions: number;
    }
  /** The groups hear the bridge, and not each other. */
  | { readonly kind: 'bridge'; readonly bridge: number; readonly group: readonly number[] }
  /** Each hears its two neighbours. */
  | { readonly kind: 'ring' }
  /** Directed pairs of nodes, any of them. */
  | { readonly kind: 'one-way'; readonly pairs: readonly (readonly [number, number])[] }
  /** Any of them: what is sent there arrives, in order, up to so much later. */
  | {
      readonly kind: 'slow links';
      readonly pairs: readonly (readonly [number, number])[];
      readonly lateMs: number;
      /** What clients ask as well: then a copy may come long after its client has asked elsewhere. */
      readonly clientsToo: boolean;
    }
  /**
   * What the leader says to some grows later and later, and then it is asked to stop and hands over: they hear the last
   * of it after its successor.
   */
  | {
      readonly kind: 'late farewell';
      readonly whom: 'leader';
      readonly group: readonly number[];
      readonly lateMs: number;
    }
  /**
   * So many percent of the writes in sessions come once more, when their client has the answer: as one does that was
   * held up on its way, and repeated elsewhere meanwhile.
   */
  | { readonly kind: 'late copies'; readonly percent: number; readonly lateMs: number }
  /** So many percent of what nodes say to clients never arrives, and the connections live on. */
  | { readonly kind: 'lost answers'; readonly percent: number }
  | { readonly kind: 'flap'; readonly whom: Whom; readonly everyMs: number }
  | { readonly kind: 'clog'; readonly whom: Whom }
  | { readonly kind: 'climate'; readonly climate: Climate }
  | { readonly kind: 'slow disk'; readonly whom: Whom; readonly faults: Partial<DiskFaults> }
  | { readonly kind: 'stuck disk'; readonly whom: Whom }
  | { readonly kind: 'failing disk'; readonly whom: Whom; readonly faults: Partial<DiskFaults> }
  | { readonly kind: 'clock'; readonly whom: Whom; readonly rate: number }
  | { readonly kind: 'clock jump'; readonly whom: Whom; readonly aheadMs: number }
  /** Bytes at rest, while the node is down. The node may never come back; never a majority of them. */
  | {
      readonly kind: 'damage';
      readonly whom: Whom;
      readonly damage: Damage;
      /**
       * A promise is a term or a vote, and nothing behind it: as soon as its disk ends in one, until the calm. Or in
       * entries of which the watermark does not know yet.
       */
      readonly moment: 'at once' | 'after a promise' | 'before the watermark';
    };

export type HarmKind = Harm['kind'];

export interface Fault {
  /** From the start of the run. */
  readonly atMs: number;
  /** How long it lasts, or how long a node that it ended stays down. */
  readonly forMs: number;
  readonly harm: Harm;
}

export const HARM_KINDS: readonly HarmKind[] = [
  'crash',
  'crash at step',
  'crash in truncation',
  'stop',
  'sleep',
  'partition',
  'isolate',
  'stale leader',
  'bridge',
  'ring',
  'one-way',
  'flap',
  'clog',
  'climate',
  'slow disk',
  'stuck disk',
  'failing disk',
  'clock',
  'clock jump',
  'damage',
  'slow links',
  'lost answers',
  'late farewell',
  'late copies',
];
