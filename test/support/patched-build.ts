/** A build of the source with planted changes: never of this tree, and never a switch of the product. */
import { spawnSync } from 'node:child_process';
import { access, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NEEDED = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

export class PatchedBuild implements AsyncDisposable {
  /** The command line of the build. */
  readonly main: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.main = path.join(folder, 'dist', 'cli', 'main.js');
  }

  /** `patches`: names in test/planted, without `.patch`. Fails when one does not apply. */
  static async make(...patches: readonly string[]): Promise<PatchedBuild> {
    const build = new PatchedBuild(await mkdtemp(path.join(tmpdir(), 'quorate-patched-')));
    try {
      await build.#make(patches);
      return build;
    } catch (error) {
      await build[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #make(patches: readonly string[]): Promise<void> {
    for (const each of NEEDED)
      await cp(path.join(ROOT, each), path.join(this.#folder, each), { recursive: true });
    await symlink(path.join(ROOT, 'node_modules'), path.join(this.#folder, 'node_modules'));
    for (const name of patches) {
      const file = path.join(ROOT, 'test', 'planted', `${name}.patch`);
      this.#run('patch', ['--strip=1', '--batch', '--forward', `--input=${file}`], 'must succeed');
    }
    // A planted change may leave an import unused; whether the types hold is checked elsewhere.
    this.#run(path.join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json'], 'may complain');
    await access(this.main);
  }

  #run(command: string, args: readonly string[], verdict: 'must succeed' | 'may complain'): void {
    const { error, status, stdout, stderr } = spawnSync(command, args, {
      cwd: this.#folder,
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    if (verdict === 'must succeed' && status !== 0)
      throw new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}
