/** A built copy of the source, with a bug planted in it or none; gone when it is disposed of. */
import { execFile } from 'node:child_process';
import { access, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

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
    const build = new Build(await mkdtemp(path.join(tmpdir(), `quorate-${bug ?? 'sound'}-`)));
    try {
      await build.#make(root, bug);
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
    if (bug !== null) {
      const file = path.join(root, 'test', 'planted', `${bug}.patch`);
      await this.#run('patch', ['--strip=1', '--batch', '--forward', '--fuzz=0', `--input=${file}`]);
    }
    // Types are checked elsewhere, and a planted change may leave an import unused.
    const tsc = path.join(root, 'node_modules', '.bin', 'tsc');
    await this.#run(tsc, ['-p', 'tsconfig.build.json', '--noCheck']);
    await access(this.entry);
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
