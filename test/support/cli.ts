import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { Hopeless, type UntilOptions, until } from './until.js';

/** The built command: a script for Node.js. */
export const BIN =
  process.env.SOCKET_EL_BIN ?? fileURLToPath(new URL('../../bin/socket-el.js', import.meta.url));

export interface RunnerSummary {
  readonly name: string;
  readonly type: string;
  readonly variety: string;
  readonly status: string;
  readonly messages: number;
  readonly rows: number;
  readonly bytes: number;
  readonly batches: number;
  readonly loaded: number;
  readonly dead: number;
  readonly ignored: number;
  readonly gaps: number;
  readonly restarts: number;
  readonly duplicates_skipped: number;
}

/** What `run --json` prints on stdout at its end. */
export interface RunSummary {
  readonly run_id: string;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly ended_by: 'source' | 'messages' | 'duration' | 'signal' | 'error';
  readonly started_at: string;
  readonly ended_at: string;
  readonly runners: readonly RunnerSummary[];
}

export interface CliOptions {
  readonly home: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program, with its arguments, that runs it. */
  readonly under?: readonly string[];
}

export interface CliExit {
  /** 128+n after an uncaught signal, as a shell says. */
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
  readonly afterMs: number;
}

/** A running or ended `socket-el`, seen only from outside. */
export class CliProcess {
  readonly exited: Promise<CliExit>;
  readonly #child: ChildProcess;
  #exit: CliExit | undefined;
  #stdout = '';
  #stderr = '';

  constructor(child: ChildProcess) {
    const startedAt = performance.now();
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    const died = once(child, 'exit').then(() => performance.now() - startedAt);
    this.exited = Promise.all([died, once(child, 'close')]).then(([afterMs]) => {
      const fromSignal = child.signalCode === null ? 0 : 128 + constants.signals[child.signalCode];
      this.#exit = { code: child.exitCode ?? fromSignal, signal: child.signalCode, afterMs };
      return this.#exit;
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  /** Sends a signal to the process alone, as `kill` does; returns the wall-clock times just before and after. */
  signal(name: NodeJS.Signals): { beforeMs: number; afterMs: number } {
    const beforeMs = Date.now();
    this.#child.kill(name);
    return { beforeMs, afterMs: Date.now() };
  }

  /** Waits for a condition that needs the process to live; its early end fails at once, with what it said. */
  whileRunning<T>(condition: () => T | Promise<T>, options: UntilOptions): Promise<NonNullable<T>> {
    return until(() => {
      if (this.#exit) throw new Hopeless(`ended while waiting for ${options.what}: ${this.describe()}`);
      return condition();
    }, options).catch((error: Error) => {
      throw error instanceof Hopeless
        ? error
        : new Error(`${error.message}\n${this.describe()}`, { cause: error.cause });
    });
  }

  /** Waits for the end and fails unless it comes within the time and with this exit code. */
  async expectExit(code: number, timeoutMs = 30_000): Promise<CliExit> {
    const exit = await until(() => this.#exit, { timeoutMs, what: `exit of socket-el` }).catch(
      () => undefined,
    );
    if (!exit) throw new Error(`still running after ${timeoutMs} ms: ${this.describe()}`);
    if (exit.code !== code) throw new Error(`expected exit ${code}: ${this.describe()}`);
    return exit;
  }

  /** The object that `--json` printed; stdout must hold nothing else. */
  summary(): RunSummary {
    try {
      return JSON.parse(this.#stdout) as RunSummary;
    } catch (cause) {
      throw new Error(`stdout is not one JSON object: ${JSON.stringify(this.#stdout)}\n${this.describe()}`, {
        cause,
      });
    }
  }

  describe(): string {
    const state = this.#exit ? `exit ${this.#exit.code} ${this.#exit.signal ?? ''}` : 'running';
    return `socket-el ${this.pid} (${state}); last of stderr:\n${this.#stderr.slice(-4000)}`;
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Starts the built CLI with a HOME of its own, in a process group that is gone when the running test ends. */
export function startCli(args: readonly string[], options: CliOptions): CliProcess {
  const { PATH = '', TZ = 'UTC' } = process.env;
  const env = { PATH, TZ, HOME: options.home, ...options.env };
  const [program = process.execPath, ...before] = [...(options.under ?? []), process.execPath];
  const child = spawn(program, [...before, BIN, ...args], {
    cwd: options.cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const cli = new CliProcess(child);
  onTestFinished(async () => {
    killGroup(cli.pid);
    await cli.exited;
  });
  return cli;
}

/** The one runner of that name in a summary. */
export function runnerOf(summary: RunSummary, name: string): RunnerSummary {
  const runner = summary.runners.find((candidate) => candidate.name === name);
  if (!runner) throw new Error(`no runner ${name} in ${JSON.stringify(summary)}`);
  return runner;
}
