import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** One JavaScript file, since Node 20 runs no TypeScript; `level` stays outside, for its native part. */
export async function buildChild(folder: string): Promise<string> {
  const outfile = path.join(folder, 'child.mjs');
  await build({
    entryPoints: [path.join(HERE, 'child-program.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    plugins: [
      {
        name: 'level-outside',
        setup: (plugins) => {
          const level = pathToFileURL(path.join(HERE, '../../../node_modules/level/index.js')).href;
          plugins.onResolve({ filter: /^level$/ }, () => ({ path: level, external: true }));
        },
      },
    ],
  });
  return outfile;
}

export interface Child {
  readonly process: ChildProcess;
  /** The lines it said, one at a time; null when it has ended. */
  readonly next: () => Promise<string | null>;
  /** -9, and waits until it is gone. */
  readonly kill: () => Promise<void>;
}

export function startChild(program: string, ...args: readonly string[]): Child {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  const next = async (): Promise<string | null> => {
    const line = await lines.next();
    return line.done === true ? null : line.value;
  };
  return { process: child, next, kill };
}
