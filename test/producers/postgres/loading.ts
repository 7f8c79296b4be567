import { appendFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import {
  type CliProcess,
  type RunnerSummary,
  type RunSummary,
  runnerOf,
  startCli,
} from '../../support/cli.js';
import { createDatabase, type ProfileEntry, type TestDatabase } from '../../support/database.js';
import { createWorkspace, type Workspace } from '../../support/workspace.js';

export interface LoadingKeys {
  /** Further lines of the consumer, and of the producer, as YAML without indentation. */
  readonly consumer?: readonly string[];
  readonly producer?: readonly string[];
}

const indented = (lines: readonly string[] = []) => lines.map((line) => `    ${line}\n`).join('');

const configText = ({ consumer, producer }: LoadingKeys) => `runners:
  - name: rows
    type: consumer
    variety: file
    path: rows.ndjson
${indented(consumer)}  - name: postgres
    type: producer
    variety: postgres
    depends_on: [rows]
${indented(producer)}`;

/** A file that is loaded into table `test.rows` of a database of its own by the built command line. */
export class Loading {
  readonly database: TestDatabase;
  readonly file: string;
  readonly #workspace: Workspace;

  private constructor(database: TestDatabase, workspace: Workspace) {
    this.database = database;
    this.#workspace = workspace;
    this.file = join(dirname(workspace.configPath), 'rows.ndjson');
  }

  /** @param addressOf where the profile leads, such as to a proxy; to the database itself unless given */
  static async create(
    keys: LoadingKeys = {},
    addressOf: (database: TestDatabase) => Promise<Partial<ProfileEntry>> = async () => ({}),
  ): Promise<Loading> {
    const database = await createDatabase();
    await database.query('CREATE SCHEMA test');
    return new Loading(
      database,
      await createWorkspace(configText(keys), database.profile(await addressOf(database))),
    );
  }

  /** Appends lines to the file, runs to the end, and gives what the producer reports. */
  async load(...lines: readonly string[]): Promise<RunnerSummary> {
    await this.append(...lines);
    return runnerOf(await this.run(0), 'postgres');
  }

  /** Gives the configuration other keys. */
  async reconfigure(keys: LoadingKeys): Promise<void> {
    await writeFile(this.#workspace.configPath, configText(keys));
  }

  /** Runs another verb of a group, such as `stage`, on the configuration, to its end, and gives what it prints. */
  cli(group: string, verb: string, ...args: readonly string[]): Promise<string> {
    return this.#print([group, verb, this.#workspace.configPath, ...args]);
  }

  /** Runs another verb on the configuration, to its end, and gives what it prints. */
  verb(verb: string, ...args: readonly string[]): Promise<string> {
    return this.#print([verb, this.#workspace.configPath, ...args]);
  }

  async #print(args: readonly string[]): Promise<string> {
    const { home, cwd } = this.#workspace;
    const cli = startCli(args, { home, cwd });
    await cli.expectExit(0);
    return cli.stdout;
  }

  /** Runs one runner to the end. */
  async runOnly(name: string): Promise<void> {
    await this.#workspace.run('--only', name).expectExit(0);
  }

  /** Replaces the file by another one. */
  async replace(...lines: readonly string[]): Promise<void> {
    await writeFile(this.file, lines.map((line) => `${line}\n`).join(''));
  }

  async run(exitCode: number): Promise<RunSummary> {
    const cli = this.#workspace.run('--grace', '10s');
    await cli.expectExit(exitCode, 12_000);
    return cli.summary();
  }

  /** Starts a run and leaves it running. */
  start(...args: readonly string[]): CliProcess {
    return this.#workspace.run(...args);
  }

  /** Runs and gives what was said on stderr. */
  async runForErrors(exitCode: number): Promise<string> {
    const cli = this.#workspace.run();
    await cli.expectExit(exitCode, 12_000);
    return cli.stderr;
  }

  async append(...lines: readonly string[]): Promise<void> {
    await appendFile(this.file, lines.map((line) => `${line}\n`).join(''));
  }

  /** Runs for a moment that is too short for a blocked sink to be asked again, and gives what was said on stderr. */
  async runBlocked(): Promise<string> {
    const cli = this.#workspace.run('--grace', '1s', '--for', '4s');
    await cli.expectExit(1, 20_000);
    return cli.stderr;
  }

  /** Runs the `socket-el` command that a message recommends. */
  async obey(stderr: string): Promise<void> {
    const [, command = ''] = /then: socket-el (.*)/.exec(stderr) ?? [];
    const { configPath, home, cwd } = this.#workspace;
    const names: Record<string, string> = { '<config>': configPath, '<producer>': 'postgres' };
    const args = command.split(' ').map((word) => names[word] ?? word);
    await startCli(args, { home, cwd }).expectExit(0);
  }

  /** Removes a producer's cursor, as an operator or an old backup would. */
  async loseCursor(producer: string): Promise<void> {
    await rm(join(this.#workspace.stageOf('stage', 'rows'), 'cursors', `${producer}.json`));
  }

  types(): Promise<Record<string, string>> {
    return this.database.columnTypes('test.rows');
  }

  /** The rows in order of loading, each as PostgreSQL prints it as JSON, without what is null. */
  async rows(): Promise<string[]> {
    const found = await this.database.query<{ row: string }>(
      'SELECT json_strip_nulls(row_to_json(r))::text AS row FROM test.rows r ORDER BY r.ctid',
    );
    return found.map(({ row }) => row);
  }

  async deadLetters(): Promise<{ raw: string; reason: string }[]> {
    return this.database.query(
      "SELECT convert_from(raw, 'UTF8') AS raw, reason FROM test._socket_el_dead_letters ORDER BY seq, ordinal",
    );
  }

  /** What was loaded adds up: nothing waits, nothing was lost. */
  expectLoaded(summary: RunnerSummary, loaded: number, dead = 0): void {
    expect(summary).toMatchObject({ status: 'succeeded', loaded, dead, restarts: 0, duplicates_skipped: 0 });
  }
}
