/** A built copy of the source, with a bug planted in it or none; gone when it is disposed of. */
import { execFile } from 'node:child_process';
import { access, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { transform } from 'esbuild';

/** A file that a patch touches. */
const TOUCHED = /^\+\+\+ b\/(src\/\S+\.ts)/gmu;
/** As `rewriteRelativeImportExtensions` of tsc does it. */
const RELATIVE_IMPORT = /(\b(?:from|import)\b\s*\(?\s*["']\.[^"']*)\.ts(["'])/gu;
const NEEDED = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

export class Build {
  /** Its `quorate/testing`. */
  entry;
  /** Its command line. */
  main;
  #folder;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
    this.entry = path.join(folder, 'dist', 'sim', 'index.js');
    this.main = path.join(folder, 'dist', 'cli', 'main.js');
  }

  /** @param {string} root of the repository @param {string | null} bug its name in test/planted; null for sound code */
  static async make(root, bug) {
    return await Build.#in(bug ?? 'sound', async (build) => await build.#make(root, bug));
  }

  /**
   * Of a sound build, with a bug: only what its patch touches is compiled, which takes a tenth of the time.
   * @param {string} root of the repository @param {string} bug its name in test/planted
   * @param {string} soundEntry `entry` of a build of sound code
   */
  static async planted(root, bug, soundEntry) {
    return await Build.#in(bug, async (build) => await build.#plant(root, bug, soundEntry));
  }

  /** @param {string} name @param {(build: Build) => Promise<void>} fill */
  static async #in(name, fill) {
    const build = new Build(await mkdtemp(path.join(tmpdir(), `quorate-${name}-`)));
    try {
      await fill(build);
      return build;
    } catch (error) {
      await build.dispose();
      throw error;
    }
  }

  /** @param {string} root @param {string | null} bug */
  async #make(root, bug) {
    for (const each of NEEDED) {
      await cp(path.join(root, each), path.join(this.#folder, each), { recursive: true });
    }
    await symlink(path.join(root, 'node_modules'), path.join(this.#folder, 'node_modules'));
    if (bug !== null) await this.#patch(patchOf(root, bug));
    // Types are checked elsewhere, and a planted change may leave an import unused.
    const tsc = path.join(root, 'node_modules', '.bin', 'tsc');
    await this.#run(tsc, ['-p', 'tsconfig.build.json', '--noCheck']);
    await access(this.entry);
  }

  /** @param {string} root @param {string} bug @param {string} soundEntry */
  async #plant(root, bug, soundEntry) {
    const sound = path.dirname(path.dirname(soundEntry));
    await this.#run('cp', ['-R', sound, path.join(this.#folder, 'dist')]);
    await cp(path.join(root, 'package.json'), path.join(this.#folder, 'package.json'));
    await symlink(path.join(root, 'node_modules'), path.join(this.#folder, 'node_modules'));
    const patch = patchOf(root, bug);
    const touched = [...(await readFile(patch, 'utf8')).matchAll(TOUCHED)].map(([, file = '']) => file);
    for (const file of touched) await cp(path.join(root, file), path.join(this.#folder, file));
    await this.#patch(patch);
    for (const file of touched) await this.#compile(file);
  }

  /** @param {string} file under src */
  async #compile(file) {
    const source = await readFile(path.join(this.#folder, file), 'utf8');
    const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } };
    const { code } = await transform(source, { loader: 'ts', target: 'es2023', tsconfigRaw });
    const compiled = file.replace(/^src/u, 'dist').replace(/\.ts$/u, '.js');
    await writeFile(path.join(this.#folder, compiled), code.replaceAll(RELATIVE_IMPORT, '$1.js$2'));
  }

  /** @param {string} file */
  async #patch(file) {
    await this.#run('patch', ['--strip=1', '--batch', '--forward', '--fuzz=0', `--input=${file}`]);
  }

  /** @param {string} command @param {readonly string[]} args @returns {Promise<void>} */
  #run(command, args) {
    return new Promise((resolve, reject) => {
      execFile(command, args, { cwd: this.#folder }, (error, stdout, stderr) => {
        if (error === null) resolve();
        else reject(new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`, { cause: error }));
      });
    });
  }

  async dispose() {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** @param {string} root @param {string} bug */
function patchOf(root, bug) {
  return path.join(root, 'test', 'planted', `${bug}.patch`);
}
