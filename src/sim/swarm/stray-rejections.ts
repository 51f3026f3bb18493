/** A rejection that nobody takes ends a process of Node.js; here it ends the run, by name. One run at a time in a process. */
import type { Kernel } from '../kernel/kernel.ts';
import { LawBroken } from '../laws/law.ts';

export async function watchRejections<T>(kernel: Kernel, run: () => Promise<T>): Promise<T> {
  const stray = (reason: unknown): void => {
    const sentence = `nobody took ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`;
    kernel.fail(new LawBroken('every rejection has an owner', null, kernel.now(), sentence));
  };
  process.on('unhandledRejection', stray);
  try {
    return await run();
  } finally {
    process.off('unhandledRejection', stray);
  }
}
