/** The room's public names. */
export type { Bounds } from './bounds.ts';
export { explore, type Finding, type Report, type Stop } from './explore.ts';
