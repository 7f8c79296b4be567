import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** Times are wall-clock milliseconds. `openedSeq` is the first seq that the connection could receive. */
interface FeedConnection {
  readonly openedAt: number;
  readonly openedSeq: number;
  readonly closedAt: number | null;
  readonly closedSeq: number | null;
}

/** What a channel did. Tick i issued the seqs from `tickSeqs[i]` up to the next tick's, at `tickTimes[i]`. */
export interface FeedLog {
  readonly issued: number;
  readonly connections: readonly FeedConnection[];
  readonly tickSeqs: readonly number[];
  readonly tickTimes: readonly number[];
}

export interface ScriptedMessage {
  readonly bytes: Buffer;
  readonly binary: boolean;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** The test's end of the feed process. */
export class LiveFeed {
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
    child.on('message', (answer: Answer) => this.#waiting.get(answer.id)?.(answer));
  }

  uri(path: string): string {
    return `ws://127.0.0.1:${this.#port}${path}`;
  }

  /** A channel that cannot replay: seqs are issued by the clock from now on, to whoever is connected. */
  async openLive(path: string, settings: { seed: number; rate: number }): Promise<void> {
    await this.#ask('open', { path, mode: 'live', ...settings });
  }

  /** A channel that sends seq 0 to count-1 to each connection and then stays open. */
  async openCounted(path: string, settings: { seed: number; count: number }): Promise<void> {
    await this.#ask('open', { path, mode: 'counted', ...settings });
  }

  /** A channel that sends these frames to each connection and then stays open. */
  async openScript(path: string, messages: readonly ScriptedMessage[]): Promise<void> {
    const encoded = messages.map(({ bytes, binary }) => ({ base64: bytes.toString('base64'), binary }));
    await this.#ask('open', { path, mode: 'script', messages: encoded });
  }

  /** Stops issuing on a live channel; its connections stay open. */
  async hold(path: string): Promise<void> {
    await this.#ask('hold', { path });
  }

  /** Cuts all connections of a channel without a close frame. */
  async drop(path: string): Promise<void> {
    await this.#ask('drop', { path });
  }

  async log(path: string): Promise<FeedLog> {
    return (await this.#ask('log', { path })) as FeedLog;
  }

  #ask(op: string, request: object): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error(`feed: ${error}`));
      });
      this.#child.send({ id, op, ...request });
    });
  }
}

/** Starts the feed in its own process; it ends with the running test. */
export async function startFeed(): Promise<LiveFeed> {
  const script = fileURLToPath(new URL('./feed-process.mjs', import.meta.url));
  const child = fork(script, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [hello] = (await once(child, 'message')) as [Answer];
  return new LiveFeed(child, hello.result as number);
}

/** The index of the tick that issued `seq`. */
function tickOf(log: FeedLog, seq: number): number {
  let low = 0;
  let high = log.tickSeqs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((log.tickSeqs[middle] as number) <= seq) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** When `seq` was sent (or issued to nobody). */
export function sentAt(log: FeedLog, seq: number): number {
  return log.tickTimes[tickOf(log, seq)] as number;
}

/** The first seq that was issued after `atMs`: all below it were sent at that time or before. */
export function firstSeqAfter(log: FeedLog, atMs: number): number {
  const tick = log.tickTimes.findIndex((time) => time > atMs);
  return tick === -1 ? log.issued : (log.tickSeqs[tick] as number);
}
