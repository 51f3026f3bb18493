/** Refusals of a node whose bytes were destroyed; from any other, they are breaches. */
export const DESTROYED: ReadonlySet<string> = new Set([
  'CORRUPT',
  'RECOVERING',
  'INCARNATION_FENCED',
  'WRONG_NODE',
  'FORMAT_UNSUPPORTED',
  'DATA_DIR_UNUSABLE',
]);
