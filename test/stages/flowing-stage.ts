import { setImmediate } from 'node:timers/promises';
import type { LocalStage } from '../../src/stages/local.js';
import type { Follow, StageMark } from '../../src/stages/stage.js';
import type { LogRecord } from '../../src/utils/logger.js';
import { until } from '../support/until.js';
import { chunkOf, ONCE, openStage, type StageOptions } from './staged.js';

const READER = 'sink';
const PER_CHUNK = 40;
const NEVER = new AbortController().signal;

function lineOf(number: number): string {
  return `{"n":${number},"pad":"${'p'.repeat(number % 200)}"}`;
}

function linesOf(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => lineOf(from + i));
}

/** A stage that is written as fast as it takes messages, and read by a sink that compares every byte. */
export class FlowingStage {
  readonly logs: LogRecord[];
  readonly #stage: LocalStage;
  readonly #drained = new AbortController();
  readonly #writing: Promise<void>;
  #reading: Promise<void> | undefined;
  #isStopped = false;
  #inFlight = 0;
  /** Messages put, said to be durable, and read by the sink. */
  put = 0;
  durable = 0;
  read = 0;
  /** The most bytes that were put and not durable. */
  mostInFlight = 0;

  private constructor(stage: LocalStage, logs: LogRecord[]) {
    this.#stage = stage;
    this.logs = logs;
    this.#writing = this.#write();
    this.#writing.catch(() => {});
  }

  static async open(folder: string, options: StageOptions): Promise<FlowingStage> {
    const logs: LogRecord[] = [];
    const notices: ((mark: StageMark) => void)[] = [];
    const onSealed = (mark: StageMark) => notices[0]?.(mark);
    const stage = await openStage(folder, { size: 500, dependents: [READER], ...options, logs, onSealed });
    notices.push((mark) => stage.notice(mark));
    return new FlowingStage(stage, logs);
  }

  /** Starts the sink. */
  startReading(): void {
    this.#reading = this.#read();
    this.#reading.catch(() => {});
  }

  /** Whether the last that the log says is that the stage waits for room. */
  get isPaused(): boolean {
    const last = this.logs.findLast(({ message }) => /^paused: |^going on|^the disk is full/.test(message));
    return last !== undefined && !last.message.startsWith('going on');
  }

  /** How often a pause was logged. */
  get pauses(): number {
    return this.logs.filter(({ message }) => /^paused: |^the disk is full/.test(message)).length;
  }

  /** Waits for something while messages flow; what went wrong with either side ends it. */
  async whileFlowing(condition: () => boolean, what: string): Promise<void> {
    const isThere = until(condition, { timeoutMs: 20_000, what });
    const failed = Promise.all([this.#writing, this.#reading]).then(() => isThere);
    await Promise.race([isThere, failed]);
  }

  /** Ends the writing and resolves when the sink has all. */
  async finish(): Promise<void> {
    this.#isStopped = true;
    await this.#writing;
    await this.#stage.seal();
    this.#drained.abort();
    await this.#reading;
    await this.#stage.close();
  }

  async #write(): Promise<void> {
    while (!this.#isStopped) {
      const through = this.put + PER_CHUNK;
      const chunk = chunkOf(linesOf(this.put, through), { onDurable: () => this.#onDurable(through, size) });
      const size = chunk.bytes.length;
      this.put = through;
      this.#inFlight += size;
      this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
      await this.#stage.put(chunk);
      await setImmediate();
    }
  }

  #onDurable(through: number, bytes: number): void {
    if (through !== this.durable + PER_CHUNK) throw new Error(`durable out of order: ${through}`);
    this.durable = through;
    this.#inFlight -= bytes;
  }

  async #read(): Promise<void> {
    const follow: Follow = { ...ONCE, signal: NEVER, drained: this.#drained.signal };
    for await (const group of this.#stage.batches(READER, follow)) {
      for (const batch of group) {
        const expected = linesOf(this.read, this.read + batch.messages).map((line) => `${line}\n`);
        const { bytes } = await batch.read();
        if (bytes.toString() !== expected.join(''))
          throw new Error(`batch ${batch.seq} does not go on with message ${this.read}`);
        this.read += batch.messages;
        await this.#stage.commit(READER, batch);
      }
    }
  }
}
