import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Disturbance } from './disturbance.mjs';
import { judge } from './judge.mjs';
import { lookIntoTables } from './live-look.mjs';
import { planChaos } from './schedule.mjs';
import { openStand } from './stand.mjs';
import { eventLine, grouped, statusLine } from './status-line.mjs';
import { whileWatching } from './while-watching.mjs';
import { CUT_WORDS, introduction } from './words.mjs';

const LOOK_EVERY_MS = 700;
const FIRST_ROWS_MS = 30_000;
/** So long nothing may come when everything is left alone. */
const STALL_MS = 20_000;

/**
 * @typedef {object} ChaosRequest
 * @property {number} seed of the schedule, the file and the feed
 * @property {number} seconds
 * @property {'embedded' | undefined} version where PostgreSQL's programs come from
 * @property {import('./screen.mjs').Screen} screen
 * @property {AbortSignal} signal ends it
 * @property {(() => unknown)[]} opened takes what closes the things opened here
 */

/**
 * Kills `socket-el`, cuts its connection and crashes its database again and again, and then compares the tables with
 * what they must hold.
 *
 * @param {ChaosRequest} request
 * @returns {Promise<{ isExact: boolean, counts: import('./status-line.mjs').Counts, stand: import('./stand.mjs').Stand }>}
 */
export async function runChaos(request) {
  return new Chaos(request).run();
}

class Chaos {
  #request;
  #counts = { killed: 0, cut: 0, crashed: 0, rows: 0, lost: 0, doubled: 0 };
  #fileLines = 0;
  #startedMs = 0;
  #stand;

  constructor(request) {
    this.#request = request;
  }

  async run() {
    const { seed, seconds, version, signal, opened } = this.#request;
    const plan = planChaos(seed, seconds);
    this.#stand = await openStand({ seed, version, opened, signal, onCut: (at) => this.#onCut(at) });
    this.#request.screen.print(introduction(plan, this.#stand));
    this.#startedMs = performance.now();
    const disturbance = new Disturbance(this.#stand, this.#counts, (text) => this.#tell(text));
    opened.push(() => disturbance.close());
    await whileWatching(
      [signal, disturbance.failed],
      (stop) => this.#watch(stop),
      (stop) => this.#disturb(disturbance, plan, stop),
    );
    return this.#judge();
  }

  async #disturb(disturbance, plan, signal) {
    disturbance.start();
    await this.#until(() => this.#fileLines > 0, FIRST_ROWS_MS, signal);
    await disturbance.disturb(plan, signal);
    const { proxy, file } = this.#stand;
    await this.#untilOrStalled(() => !proxy.isArmed, signal);
    await disturbance.calm();
    await this.#untilOrStalled(() => this.#fileLines >= file.lines, signal);
    await disturbance.end();
    this.#tell('told to stop (SIGINT), socket-el has loaded what was staged and ended with exit code 0');
  }

  /** Brings the counts up to date. */
  async #watch(signal) {
    while (!signal.aborted) {
      const { server, witness } = this.#stand;
      const look = await lookIntoTables(server.url, witness.stretches);
      if (look !== undefined) this.#take(look);
      this.#showStatus();
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }

  #take({ fileLines, ...found }) {
    const { lost, doubled } = this.#counts;
    this.#fileLines = fileLines;
    Object.assign(this.#counts, found);
    if (found.lost > lost || found.doubled > doubled)
      this.#tell(`found in the tables: lost ${found.lost}, doubled ${found.doubled}`);
  }

  /** Waits as long as the loading of the file goes on; that of the socket never ends. */
  async #until(isDone, stallMs, signal) {
    let [lines, grownMs] = [-1, 0];
    while (!isDone()) {
      if (this.#fileLines !== lines) [lines, grownMs] = [this.#fileLines, performance.now()];
      if (performance.now() - grownMs > stallMs)
        throw new Error(`nothing of the file was loaded for ${stallMs / 1000} s, at line ${grouped(lines)}`);
      await sleep(50, undefined, { signal });
    }
  }

  /** What is missing is for the comparison to say. */
  async #untilOrStalled(isDone, signal) {
    try {
      await this.#until(isDone, STALL_MS, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#tell(error.message);
    }
  }

  async #judge() {
    const { screen, signal } = this.#request;
    screen.end();
    const judging = judge(this.#stand, this.#counts, (text) => screen.print(text));
    const isExact = await Promise.race([judging, untilAborted(signal)]);
    return { isExact, counts: this.#counts, stand: this.#stand };
  }

  #onCut(at) {
    this.#counts.cut += 1;
    this.#tell(CUT_WORDS[at]);
  }

  #tell(text) {
    this.#request.screen.print(eventLine(performance.now() - this.#startedMs, text));
    this.#showStatus();
  }

  #showStatus() {
    const { screen } = this.#request;
    screen.status(statusLine(this.#counts, screen.columns));
  }
}

/** @param {AbortSignal} signal */
async function untilAborted(signal) {
  signal.throwIfAborted();
  await once(signal, 'abort');
  throw signal.reason;
}
