export interface Regression {
  readonly seed: number;
  readonly minutes: number;
  readonly size?: number;
  readonly load?: 'light';
  /** As `quorate sim` spells them. */
  readonly kinds?: readonly string[];
  /** What it found in the product or in the simulator, so that a new breach can be told from the old one. */
  readonly found: string;
}

/** Seeds that once broke a law. A seed draws another history once the simulator draws otherwise: it stays, as one more. */
export const REGRESSIONS: readonly Regression[] = [
  {
    seed: 23,
    minutes: 2,
    found: 'a disk that could not be read for a moment ended the node with CORRUPT, as one to be replaced',
  },
  {
    seed: 1022,
    minutes: 0.5,
    found: 'a page of the past inside a transaction went on at another key where clean-up had not been yet',
  },
  {
    seed: 21,
    minutes: 2,
    found: 'a process that died in the middle of a turn went on to speak, of a state that it had no more',
  },
  {
    seed: 200_000_007,
    minutes: 2,
    load: 'light',
    found:
      'nobody wrote, because all callers happened to be readers, and that was taken for a lack of progress',
  },
  {
    seed: 860_626_862,
    minutes: 0.5,
    found: 'a clog outlasted the trouble: an old hello came through long after, and cut off a sound link',
  },
  {
    seed: 40_571_272,
    minutes: 0.5,
    found:
      'a leader that stopped was elected again, as its successor had not come through, and led to its end',
  },
  {
    seed: 791_451_391,
    minutes: 0.5,
    found:
      'a stop that began in trouble ended after it, which was taken for a leader that lost its followers',
  },
  {
    seed: 247_528_175,
    minutes: 0.5,
    found:
      'a lease ended late because its end had to go through slow disks, which was taken for a leader asleep',
  },
  {
    seed: 1_034,
    minutes: 2,
    load: 'light',
    found:
      'the disk of a node failed at the very end of its orderly stop, and the simulator heard nothing of it',
  },
  {
    seed: 900_971,
    minutes: 2,
    load: 'light',
    found:
      'a leader compacted by itself to where a client wanted it later, and that was taken for the client’s, too early',
  },
];
