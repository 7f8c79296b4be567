import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npx } from './npm.mjs';

/** An installed socket-el, tried as its user does. */
export class Trial {
  /** @param {{ project: string, home: string, env: NodeJS.ProcessEnv, signal: AbortSignal }} where */
  constructor({ project, home, env, signal }) {
    this.project = project;
    this.home = home;
    this.where = { cwd: project, env, signal };
  }

  get readme() {
    return readFileSync(join(this.project, 'node_modules/socket-el/README.md'), 'utf8');
  }

  /**
   * Runs the installed command.
   *
   * @param {readonly string[]} args
   * @param {{ exitCode?: number, env?: NodeJS.ProcessEnv }} [options] the exit code that is expected; variables to add
   * @returns {Promise<import('./run-program.mjs').Ended>} rejects when it ends with another exit code
   */
  async socketEl(args, { exitCode = 0, env } = {}) {
    const ended = await npx(['socket-el', ...args], { ...this.where, env: { ...this.where.env, ...env } });
    const { code, stdout, stderr } = ended;
    if (code === exitCode) return ended;
    throw new Error(`socket-el ${args[0]}: expected exit code ${exitCode}, got ${code}\n${stdout}${stderr}`);
  }

  /**
   * Writes a configuration into a folder of its own, where its stage will lie too.
   *
   * @param {string} folder
   * @param {unknown} config
   * @returns {string} its path, as an argument
   */
  writeConfig(folder, config) {
    mkdirSync(join(this.project, folder));
    const file = join(folder, 'config.yml');
    writeFileSync(join(this.project, file), `${JSON.stringify(config, undefined, 2)}\n`);
    return file;
  }
}
