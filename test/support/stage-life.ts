import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeSettings } from '../stages/staged.js';
import { until } from './until.js';

const DRIVER = fileURLToPath(new URL('./stage-driver.mjs', import.meta.url));
/** About as many as a few lives make of any kind. */
const NUMBERS = 16;

/** Calls that change the disk, and `openat`, which may. */
export const DISK_CALLS = [
  'pwrite64',
  'pwritev',
  'write',
  'writev',
  'fdatasync',
  'fsync',
  'rename',
  'unlink',
  'ftruncate',
  'mkdir',
  'openat',
] as const;

export type DiskCall = (typeof DISK_CALLS)[number];

export type StageType = 'local' | 'parquet';

/** What is to happen at the `nth` call of a kind, such as `signal=SIGKILL`. */
export interface Injection {
  readonly call: DiskCall;
  readonly nth: string;
  readonly what: string;
}

/** A life that is to be lived. */
export interface LifePlan {
  readonly type: StageType;
  readonly folder: string;
  /** How often the stage is opened and written to; 0: it is only opened and closed. */
  readonly lives: number;
  /** Number of the first message, unless the stage knows it. */
  readonly next: number;
  /** Threads for the file system: with one, its calls come in the same order each time. */
  readonly threads?: number;
}

/** A batch that reached the sink. */
export interface Loaded {
  readonly seq: number;
  readonly crc: number;
  readonly numbers: readonly number[];
}

/** What was heard of a life. */
export interface Life {
  /** Whether the call that was to fail did. */
  readonly isHit: boolean;
  readonly isKilled: boolean;
  readonly exitCode: number | null;
  /** The messages below this number were said to be durable. */
  readonly durable: number;
  /** Those below this one were said to be in batches. */
  readonly sealed: number;
  readonly loaded: readonly Loaded[];
  /** The batch behind which the cursor was said to be. */
  readonly passed: number;
  readonly logs: readonly string[];
  readonly stderr: string;
}

/** Runs `stage-driver.mjs` under strace, which meets only calls that touch the stage's own files. */
export async function liveStage(plan: LifePlan, injection?: Injection): Promise<Life> {
  const { threads = 1, ...rest } = plan;
  const argument = JSON.stringify({ ...rest, decode: decodeSettings() });
  const child = spawn(process.execPath, [DRIVER, argument], {
    env: { ...process.env, UV_THREADPOOL_SIZE: String(threads) },
    stdio: 'pipe',
  });
  const ended = once(child, 'close');
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // From the start it would be slow: loading its modules takes Node thousands of calls.
  await Promise.race([once(child.stdout, 'data'), ended]);
  const traced = injection && (await attach(child.pid as number, stagePaths(plan.folder), injection));
  child.stdin.end('\n');
  const [, isHit = false] = await Promise.all([ended, traced?.end]);
  return {
    ...parseNews(stdout),
    isHit,
    isKilled: child.signalCode === 'SIGKILL',
    exitCode: child.exitCode,
    stderr,
  };
}

/** What an `strace` that has taken hold will say. */
interface Tracer {
  /** Resolves when the process has ended: whether what was to happen did. */
  readonly end: Promise<boolean>;
}

/** Lets something happen to a process's calls on these files; each of its threads counts for itself. */
export async function attach(
  pid: number,
  paths: readonly string[],
  { call, nth, what }: Injection,
): Promise<Tracer> {
  const only = paths.flatMap((path) => ['-P', path]);
  const trace = ['-e', `trace=${call}`, '-e', `inject=${call}:${what}:when=${nth}`];
  const strace = spawn('strace', ['-f', ...trace, ...only, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = once(strace, 'close').then(() => said.includes('(INJECTED)'));
  let said = '';
  strace.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(() => said.includes('attached') || strace.exitCode !== null, {
    timeoutMs: 10_000,
    intervalMs: 2,
  });
  if (!said.includes('attached')) throw new Error(`expected strace to attach: ${said}`);
  return { end };
}

interface News {
  readonly durable?: number;
  readonly sealed?: number;
  readonly loaded?: number;
  readonly crc?: number;
  readonly numbers?: readonly number[];
  readonly passed?: number;
  readonly log?: { readonly message: string };
}

function parseNews(stdout: string): Pick<Life, 'durable' | 'sealed' | 'loaded' | 'passed' | 'logs'> {
  const lines = stdout.split('\n').slice(0, -1);
  const news = lines.map((line) => JSON.parse(line) as News);
  return {
    durable: Math.max(0, ...news.map(({ durable }) => durable ?? 0)),
    sealed: Math.max(0, ...news.map(({ sealed }) => sealed ?? 0)),
    passed: Math.max(0, ...news.map(({ passed }) => passed ?? 0)),
    loaded: news.flatMap(({ loaded: seq, crc = 0, numbers = [] }) =>
      seq === undefined ? [] : [{ seq, crc, numbers }],
    ),
    logs: news.flatMap(({ log }) => (log === undefined ? [] : [log.message])),
  };
}

/** All files that a stage may come to: strace knows whole paths only. */
export function stagePaths(folder: string): readonly string[] {
  const pad = (number: number) => String(number).padStart(10, '0');
  const numbers = Array.from({ length: NUMBERS }, (_, i) => pad(i + 1));
  const segments = numbers.flatMap((number) => [`${number}.ndjson`, `${number}.idx`, `${number}.idx.tmp`]);
  const below = (name: string, files: readonly string[]) => [name, ...files.map((file) => join(name, file))];
  const parquet = numbers.flatMap((first, i) =>
    numbers.slice(i, i + 4).flatMap((last) => [`${first}-${last}.parquet`, `${first}-${last}.parquet.tmp`]),
  );
  return [
    '.',
    'stage.json',
    'stage.json.tmp',
    '.lock',
    'reserve',
    ...below(
      'manifest',
      numbers.map((number) => `${number}.ndjson`),
    ),
    ...below('open', segments),
    ...below('data', [...segments, ...parquet]),
    ...below('cursors', ['sink.json', 'sink.json.tmp', 'sink.lock']),
  ].map((path) => join(folder, path));
}
