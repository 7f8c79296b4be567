import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CliProcess, startCli } from './cli.js';
import { createTempFolder } from './temp-folder.js';
import { writeProfile } from './workspace.js';

/** What a pipeline is made from: its configuration, files beside it, and the profile `postgres`. */
export interface PipelineFiles {
  /** A map, which is written as JSON, or YAML. */
  readonly config: object | string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly profile?: object;
}

/** A pipeline in a folder of its own with a HOME of its own. */
export interface PipelineBench {
  /** Where `config.yml` is; also the working folder. */
  readonly folder: string;
  readonly home: string;
  /** Starts `socket-el` with arguments. */
  start(...args: string[]): CliProcess;
  /** Runs it to its end, which must be `code`. */
  cli(code: number, ...args: string[]): Promise<CliProcess>;
  /** Runs the pipeline to its end, which must be 0, and gives what its producers printed, an object a line. */
  rows(...args: string[]): Promise<readonly Record<string, unknown>[]>;
}

export async function createPipelineBench({
  config,
  files = {},
  profile,
}: PipelineFiles): Promise<PipelineBench> {
  const folder = await createTempFolder();
  const home = join(folder, 'home');
  await mkdir(home);
  const text = typeof config === 'string' ? config : JSON.stringify(config, null, 2);
  for (const [name, content] of Object.entries({ 'config.yml': text, ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  if (profile !== undefined) await writeProfile(home, profile);
  const start = (...args: string[]) => startCli(args, { home, cwd: folder });
  const cli = async (code: number, ...args: string[]) => {
    const started = start(...args);
    await started.expectExit(code);
    return started;
  };
  const rows = async (...args: string[]) => {
    const { stdout } = await cli(0, 'run', 'config.yml', '--no-progress', ...args);
    const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  return { folder, home, start, cli, rows };
}
