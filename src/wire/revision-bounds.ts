/** The bounds of a filter by revision, in the order of their bytes; the same names in the SDK, in HTTP and in the log. */
export const REVISION_BOUNDS = [
  'minModRevision',
  'maxModRevision',
  'minCreateRevision',
  'maxCreateRevision',
] as const;

export type RevisionBound = (typeof REVISION_BOUNDS)[number];
