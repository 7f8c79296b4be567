import { cp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startCli } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

/** A pipeline of files into a database, and the command line on it. */
export interface VerbBench {
  readonly database: TestDatabase;
  readonly workspace: Workspace;
  /** Runs a verb that must end with `code`; gives its standard output. */
  readonly cli: (code: number, ...args: string[]) => Promise<string>;
  /** The same with `--json`, parsed. */
  readonly json: (...args: string[]) => Promise<unknown>;
  /** Writes the configuration and the consumer's input anew. */
  readonly write: (what: { readonly config?: string; readonly input?: readonly string[] }) => Promise<void>;
  /** Runs the pipeline to its end. */
  readonly run: (code?: number) => Promise<void>;
  /** Copies the stage's folder into the workspace of another bench. */
  readonly copyStageTo: (other: VerbBench) => Promise<void>;
}

export const CONFIG = `runners:
  - {name: trades, type: consumer, variety: file, path: in.ndjson, batch_configuration: {size: 2}}
  - {name: db, type: producer, variety: postgres, profile: postgres, depends_on: [trades]}
`;

/** @param database that of another bench, so that both load into one */
export async function createVerbBench(input: readonly string[], database?: TestDatabase): Promise<VerbBench> {
  const target = database ?? (await createDatabase());
  const workspace = await createWorkspace(CONFIG, target.profile());
  const folder = dirname(workspace.configPath);
  const cli = async (code: number, ...args: string[]) => {
    const [noun = '', verb = '', ...rest] = args;
    const { home, cwd, configPath } = workspace;
    const started = startCli([noun, verb, configPath, ...rest], { home, cwd });
    await started.expectExit(code);
    return `${started.stdout}${code === 0 || code === 1 ? '' : started.stderr}`;
  };
  const bench: VerbBench = {
    database: target,
    workspace,
    cli,
    json: async (...args) => JSON.parse(await cli(0, ...args, '--json')),
    write: async (what) => {
      if (what.config !== undefined) await writeFile(workspace.configPath, what.config);
      if (what.input !== undefined) await writeFile(join(folder, 'in.ndjson'), lines(what.input));
    },
    run: async (code = 0) => {
      await workspace.run().expectExit(code);
    },
    copyStageTo: async (other) => {
      await cp(join(folder, 'stage'), join(dirname(other.workspace.configPath), 'stage'), {
        recursive: true,
      });
    },
  };
  await bench.write({ input });
  return bench;
}

function lines(input: readonly string[]): string {
  return input.map((line) => `${line}\n`).join('');
}
