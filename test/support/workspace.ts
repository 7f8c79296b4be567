import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CliProcess, startCli } from './cli.js';
import { createTempFolder } from './temp-folder.js';

/** A folder with a config, a HOME with a profile, and a working folder that is neither. */
export interface Workspace {
  readonly configPath: string;
  readonly home: string;
  readonly cwd: string;
  /** The folder of a consumer's stage below the config's `path`. */
  stageOf(path: string, consumer: string): string;
  /** Starts `socket-el run CONFIG --json` with further arguments. */
  run(...args: string[]): CliProcess;
}

/** Writes `$HOME/.socket_el/profile.yml` with one entry `postgres`. */
export async function writeProfile(home: string, entry: object): Promise<void> {
  const folder = join(home, '.socket_el');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = `postgres: ${JSON.stringify(entry)}\n`;
  await writeFile(join(folder, 'profile.yml'), text, { mode: 0o600 });
}

export async function createWorkspace(config: string, profile: object): Promise<Workspace> {
  const folder = await createTempFolder();
  const [home, cwd, configFolder] = ['home', 'elsewhere', 'project'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [home, cwd, configFolder]) await mkdir(each);
  const configPath = join(configFolder, 'config.yml');
  await writeFile(configPath, config);
  await writeProfile(home, profile);
  return {
    configPath,
    home,
    cwd,
    stageOf: (path, consumer) => join(configFolder, path, consumer),
    run: (...args) => startCli(['run', configPath, '--json', '--no-progress', ...args], { home, cwd }),
  };
}

export interface TradesConfig {
  readonly uri: string;
  readonly size?: number;
  readonly interval?: string;
  /** Further lines of the consumer, already YAML, each without indentation. */
  readonly consumerKeys?: readonly string[];
}

/** A socket consumer `trades` with its stage in `stage`, and a producer `postgres`. */
export function tradesConfig({
  uri,
  size = 1000,
  interval = '200ms',
  consumerKeys = [],
}: TradesConfig): string {
  return `runners:
  - name: trades
    type: consumer
    variety: socket
    uri: ${uri}
    reconnect: {initial: 50ms, max: 500ms}
    stage: {type: local, path: stage}
    batch_configuration: {size: ${size}, interval: ${interval}}
${consumerKeys.map((line) => `    ${line}\n`).join('')}
  - name: postgres
    type: producer
    variety: postgres
    depends_on: [trades]
    profile: postgres
`;
}
