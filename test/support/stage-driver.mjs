// A stage's life in a process of its own, for tests that end it at any system call. It tells on stdout, one JSON line
// each and written at once, what has become durable and what a reader has loaded.
import { readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const BIN = process.env.SOCKET_EL_BIN ?? fileURLToPath(new URL('../../bin/socket-el.js', import.meta.url));
const DIST = join(dirname(BIN), '../dist');
const HOUR_MS = 3_600_000;
const READER = 'sink';
const NOW_US = 1_700_000_000_000_000;

/** @param {string} path */
const fromDist = (path) => import(pathToFileURL(join(DIST, path)).href);

/** @param {object} news */
function tell(news) {
  writeSync(1, `${JSON.stringify(news)}\n`);
}

/** @typedef {{ type: 'local' | 'parquet', folder: string, lives: number, next: number, decode: object }} Plan */

/** @param {Plan} plan */
async function prepare({ type, folder, decode }) {
  const context = {
    pipeline: 'p',
    consumer: 'trades',
    batch: { size: 1_000_000, bytes: 2 ** 40, interval: HOUR_MS },
    decode,
    dependents: [READER],
    replayable: type === 'parquet',
    onFailed: (/** @type {Error} */ { message }) => {
      tell({ log: { message } });
      process.exit(3);
    },
    logger: { log: (/** @type {object} */ record) => tell({ log: record }) },
    tuning: { groupMs: 1, rollBytes: 2 ** 40, rollMs: HOUR_MS, manifestLines: 8, tidyMs: HOUR_MS },
  };
  const retain = { for: 0, bytes: 0 };
  const settings = { folder, retain, max_backlog: undefined, min_free_disk: 0, allow_unsafe_fs: false };
  const { LocalStage, ParquetStage } = await fromDist(`stages/${type}.js`);
  return () => new (ParquetStage ?? LocalStage)(settings, context);
}

/** The messages of a test, each known by its number. */
class Source {
  /**
   * @param {number} next
   * @param {boolean} isReplayable
   */
  constructor(next, isReplayable) {
    this.next = next;
    this.isReplayable = isReplayable;
  }

  /** @param {number} count */
  take(count) {
    const lines = Array.from({ length: count }, () => {
      const n = this.next++;
      return `${JSON.stringify({ n, pad: 'x'.repeat((n * 7) % 50) })}\n`;
    });
    const position = this.isReplayable ? { next: this.next } : undefined;
    return { bytes: Buffer.from(lines.join('')), messages: count, position };
  }

  /**
   * Puts messages and resolves when they are durable, and the parent knows.
   *
   * @param {any} stage
   * @param {number} count
   */
  put(stage, count) {
    const chunk = this.take(count);
    const durable = this.next;
    return new Promise((resolve, reject) => {
      const onDurable = () => resolve(tell({ durable }));
      stage.put({ ...chunk, receivedAtUs: NOW_US, connection: 1, onDurable }).catch(reject);
    });
  }
}

/**
 * Loads what is sealed: the sink has a batch as soon as the parent has read of it, then the cursor moves.
 *
 * @param {any} stage
 * @param {number} most
 */
async function load(stage, most = Number.POSITIVE_INFINITY) {
  const [signal, drained] = [new AbortController().signal, AbortSignal.abort()];
  const follow = { signal, drained, endsWithSource: false, limits: { messages: 1, bytes: 1 } };
  let count = 0;
  for await (const [batch] of stage.batches(READER, follow)) {
    const { bytes } = await batch.read();
    const numbers = bytes.toString().trimEnd().split('\n');
    tell({ loaded: batch.seq, crc: batch.crc, numbers: numbers.map((line) => JSON.parse(line).n) });
    await stage.commit(READER, batch);
    tell({ passed: batch.seq });
    if (++count >= most) return;
  }
}

/**
 * @param {any} stage
 * @param {Source} source
 */
async function live(stage, source) {
  await Promise.all([source.put(stage, 1), source.put(stage, 2)]);
  await source.put(stage, 3);
  await stage.seal();
  tell({ sealed: source.next });
  await source.put(stage, 1);
  stage.gap({ fromUs: NOW_US, toUs: NOW_US + 1, reason: 'test' });
  await source.put(stage, 2);
  await stage.roll();
  tell({ sealed: source.next });
  await load(stage, 1);
  await stage.prune();
  await source.put(stage, 2);
  await stage.seal();
  tell({ sealed: source.next });
  await source.put(stage, 1);
  await load(stage);
}

/** @param {Plan} plan */
async function main(plan) {
  const createStage = await prepare(plan);
  const source = new Source(plan.next, plan.type === 'parquet');
  // Whoever traces the process needs to see only what comes now.
  tell({ ready: true });
  readSync(0, Buffer.alloc(1));
  for (let life = 0; life < Math.max(1, plan.lives); life++) {
    const stage = createStage();
    await stage.open();
    source.next = stage.position()?.next ?? source.next;
    if (plan.lives > 0) await live(stage, source);
    await stage.prune();
    await stage.close();
  }
}

await main(JSON.parse(/** @type {string} */ (process.argv[2])));
