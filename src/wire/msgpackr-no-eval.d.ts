/** The package exports this build of itself, which makes no code from strings (SPEC 12), but no types for it. */
declare module 'msgpackr/index-no-eval' {
  export { Packr } from 'msgpackr';
}
