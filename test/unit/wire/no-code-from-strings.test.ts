import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { FRAMES } from './formats.ts';

const run = promisify(execFile);

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

it('every frame is read and written in a process that can make no code from strings', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-wire-'));
  try {
    const program = path.join(folder, 'recode-samples.mjs');
    await build({
      entryPoints: [here('recode-samples.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
    });
    const flags = ['--disallow-code-generation-from-strings', '--max-old-space-size=64'];
    const { stdout } = await run(process.execPath, [...flags, program]);
    const expected = { codeFromStrings: false, frames: FRAMES.length, wrong: [], records: false };
    expect(JSON.parse(stdout)).toEqual(expected);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('the codecs need nothing of Node, and hold no code that makes code', async () => {
  const { outputFiles } = await build({
    entryPoints: [here('../../../src/wire/client-codec.ts'), here('../../../src/wire/operation-codec.ts')],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    outdir: 'unused',
    write: false,
  });
  expect(outputFiles).toHaveLength(2);
  for (const { text } of outputFiles) {
    expect(text).not.toMatch(/\bnew Function\b|\beval\(|\brequire\(["']|\bfrom ["']/u);
  }
});
