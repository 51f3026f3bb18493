/** One wrong history and the smallest change that makes it right. */
export interface BadHistory {
  /** The law that is broken. */
  readonly law: string;
  /** Whoever is not named finds nothing wrong, and is right from where it stands. */
  readonly seenBy: SeenBy;
  readonly bad: string;
  readonly good: string;
}

/** `search`: no log is drawn, so the witness is not asked. */
export type SeenBy = 'both' | 'search' | 'witness';
