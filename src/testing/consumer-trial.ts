import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SealedBatch } from '../stages/log/sealed-batch.js';
import { nodeStageFs } from '../stages/stage-fs.js';
import { openStageFolder, readBatches, readFacts } from '../stages/upkeep/stage-folder.js';
import { SocketElError } from '../utils/errors.js';

const COMMAND = fileURLToPath(new URL('../../bin/socket-el.js', import.meta.url));
const POLL_MS = 50;
const WITHIN_MS = 15_000;
const MESSAGES = 5;

/** A consumer, and a source for it. */
export interface ConsumerUnderTest {
  /** The module that exports its variety; none for those that come with socket-el. */
  readonly plugin?: string | URL;
  /** Its entry in `runners:` without name and type: `variety`, and what it needs to reach the source. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** How many messages the source gives at least; 5 unless given. */
  readonly messages?: number;
}

/** What stands in a stage. */
export interface Staged {
  /** In their order, as lines. */
  readonly messages: readonly string[];
  /** Those that are no JSON. */
  readonly broken: readonly string[];
  readonly gaps: number;
}

/** A run of the consumer in a process of its own. */
export interface TrialRun {
  /** Waits until so many messages are sealed in the stage. */
  untilStaged(messages: number): Promise<void>;
  /** Tells it to end, and waits until it has. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** A folder with a configuration for one case; everything is ended and removed when the case ends. */
export class ConsumerTrial {
  readonly name = 'trial';
  readonly consumer: ConsumerUnderTest;
  readonly folder: string;
  readonly #children: ChildProcess[] = [];

  private constructor(consumer: ConsumerUnderTest, folder: string) {
    this.consumer = consumer;
    this.folder = folder;
  }

  /** Runs a case with a folder of its own. */
  static async use<T>(consumer: ConsumerUnderTest, work: (trial: ConsumerTrial) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'socket-el-contract-'));
    const trial = new ConsumerTrial(consumer, folder);
    try {
      await writeFile(join(folder, 'config.json'), JSON.stringify(trial.config()));
      return await work(trial);
    } finally {
      for (const child of trial.#children) await end(child, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  }

  get messages(): number {
    return this.consumer.messages ?? MESSAGES;
  }

  /** The configuration, with other settings beside the consumer's. */
  config(more: Readonly<Record<string, unknown>> = {}) {
    const { plugin, settings } = this.consumer;
    const path = plugin instanceof URL ? fileURLToPath(plugin) : plugin;
    const batch = { batch_configuration: { size: 2, interval: '50ms' } };
    const runner = { ...batch, ...settings, ...more, name: this.name, type: 'consumer' };
    return { ...(path === undefined ? {} : { plugins: [path] }), runners: [runner] };
  }

  /** Runs until so many messages came. */
  async run(messages: number): Promise<void> {
    const child = this.#spawn(['--max-messages', String(messages), '--for', `${WITHIN_MS}ms`]);
    let log = '';
    child.stderr?.on('data', (text) => {
      log += text;
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    assert.equal(code, 0, `expected the run to succeed; it said:\n${log}`);
  }

  /** Starts a run that ends when it is told to. */
  start(): TrialRun {
    const child = this.#spawn([]);
    child.stderr?.resume();
    return {
      untilStaged: (messages) => this.#untilStaged(messages, child),
      stop: () => end(child, 'SIGTERM'),
      kill: () => end(child, 'SIGKILL'),
    };
  }

  /** What stands in the stage by now. */
  async staged(): Promise<Staged> {
    const folder = await this.#open();
    if (folder === undefined) return { messages: [], broken: [], gaps: 0 };
    const messages: string[] = [];
    const fail = (message: string) => assert.fail(`the stage is damaged: ${message}`);
    for await (const { fact, previous, bytesThrough, gaps } of readBatches(folder, fail)) {
      const { fs, layout, identity } = folder;
      const batch = new SealedBatch({ fs, layout, identity, onDamage: fail }, fact, {
        previous,
        bytesThrough,
        gaps,
      });
      const { bytes } = await batch.read();
      messages.push(...bytes.toString('utf8').split('\n').slice(0, -1));
    }
    let gaps = 0;
    for await (const { fact } of readFacts(folder, fail)) gaps += fact === 'gap' ? 1 : 0;
    return { messages, broken: messages.filter((line) => !isJson(line)), gaps };
  }

  async #open() {
    const owner = { pipeline: 'config', consumer: this.name };
    try {
      return await openStageFolder(nodeStageFs, join(this.folder, 'stage', this.name), owner);
    } catch (error) {
      if (error instanceof SocketElError && error.code === 'stage.missing') return undefined;
      throw error;
    }
  }

  async #untilStaged(messages: number, child: ChildProcess): Promise<void> {
    for (const startedMs = performance.now(); ; await delay(POLL_MS)) {
      const found = (await this.#open())?.state.messages ?? 0;
      if (found >= messages) return;
      assert.equal(child.exitCode, null, `the run ended with code ${child.exitCode} and ${found} messages`);
      const isLate = performance.now() - startedMs > WITHIN_MS;
      assert.ok(!isLate, `expected ${messages} messages within ${WITHIN_MS} ms, got ${found}`);
    }
  }

  #spawn(options: readonly string[]): ChildProcess {
    const args = [COMMAND, 'run', join(this.folder, 'config.json'), '--no-progress', ...options];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#children.push(child);
    return child;
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return !line.startsWith('{"_raw":"');
  } catch {
    return false;
  }
}
