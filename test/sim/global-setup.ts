/** One build of the source as it stands, for all files of the tier. */
import type { TestProject } from 'vitest/node';
import { Build } from '../../scripts/planted/build.mjs';
import { ROOT } from '../tidy/repository.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The `quorate/testing` of that build. */
    readonly soundEntry: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const build = await Build.make(ROOT, null);
  project.provide('soundEntry', build.entry);
  return async () => await build.dispose();
}
