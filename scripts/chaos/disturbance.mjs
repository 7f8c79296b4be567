import { setTimeout as sleep } from 'node:timers/promises';
import { SocketElRun } from './socket-el-run.mjs';
import { isBeingWritten } from './stage-lines.mjs';
import { grouped } from './status-line.mjs';

const LINES_PER_SECOND = 16_000;
/** A start finds lines enough to load until the next one. */
const AHEAD_MS = 6_000;
const LONGEST_START_MS = 5_000;

/** Runs `socket-el` on a stand, and does to it and to what is around it what a plan says. */
export class Disturbance {
  #stand;
  #counts;
  #tell;
  #run;
  #failed = new AbortController();
  #startedMs = performance.now();

  /**
   * @param {import('./stand.mjs').Stand} stand
   * @param {import('./status-line.mjs').Counts} counts are counted up here
   * @param {(text: string) => void} tell is told of each event
   */
  constructor(stand, counts, tell) {
    this.#stand = stand;
    this.#counts = counts;
    this.#tell = tell;
  }

  /** @returns {AbortSignal} aborted when `socket-el` ends by itself, or anything else fails, with that as its reason */
  get failed() {
    return this.#failed.signal;
  }

  /** Starts `socket-el` with the first lines of the file. */
  start() {
    this.#startedMs = performance.now();
    this.#stand.file.growTo(this.#linesByNow());
    this.#startRun();
    const { pid } = this.#run;
    this.#tell(`started socket-el (pid ${pid}); file at ${grouped(this.#stand.file.lines)} lines`);
  }

  /**
   * Does everything in the plan; the three kinds do not wait for each other.
   *
   * @param {import('./schedule.mjs').Plan} plan
   * @param {AbortSignal} signal
   */
  async disturb({ lives, cuts, crashes, durationMs }, signal) {
    this.#startedMs = performance.now();
    const strands = [
      this.#live(lives, durationMs, signal),
      this.#each(cuts, signal, ({ at }) => this.#stand.proxy.arm(at)),
      this.#each(crashes, signal, ({ downMs }) => this.#crash(downMs, signal)),
      this.#until(durationMs, signal),
    ];
    for (const strand of strands) strand.catch((error) => this.#failed.abort(error));
    // What is under way is waited for: a server that is just starting could not be stopped.
    await Promise.allSettled(strands);
    await Promise.all(strands);
  }

  /** Takes every disturbance away, kills the process for the last time, and starts the run that nobody disturbs. */
  async calm() {
    this.#stand.proxy.calm();
    const killed = await this.#kill();
    this.#startRun();
    this.#tell(`${killed}; started again (pid ${this.#run.pid}) and left alone`);
  }

  /** Ends the run in order: what is staged is loaded first. */
  async end() {
    await this.#run.end();
  }

  /** Kills what runs. */
  async close() {
    await this.#run?.kill();
  }

  async #each(events, signal, act) {
    for (const event of events) {
      await this.#until(event.atMs, signal);
      await act(event);
    }
  }

  #until(atMs, signal) {
    return sleep(Math.max(0, this.#startedMs + atMs - performance.now()), undefined, { signal });
  }

  /** Ends one life after the other, while there is time for it. */
  async #live(lives, durationMs, signal) {
    for (const { lifeMs, readMs } of lives) {
      if (performance.now() + lifeMs > this.#startedMs + durationMs) return;
      await sleep(lifeMs, undefined, { signal });
      const isReading = readMs !== undefined && (await this.#hasRead(readMs, signal));
      await this.#killAndStart(isReading ? ', just after it began to read the file' : '');
    }
  }

  async #killAndStart(when) {
    const killed = await this.#kill(when);
    this.#stand.file.growTo(this.#linesByNow());
    this.#startRun();
    const lines = grouped(this.#stand.file.lines);
    this.#tell(`${killed}; started again (pid ${this.#run.pid}), file at ${lines} lines`);
  }

  /** @returns {Promise<boolean>} whether the process has read the file for so long, and not much longer */
  async #hasRead(readMs, signal) {
    const { file } = this.#stand.stages;
    if (isBeingWritten(file)) return false;
    while (!isBeingWritten(file)) {
      if (this.#run.ageMs > LONGEST_START_MS) return false;
      await sleep(1, undefined, { signal });
    }
    await sleep(readMs, undefined, { signal });
    return true;
  }

  /** @returns {Promise<string>} what to say of it */
  async #kill(when = '') {
    const { pid, ageMs } = this.#run;
    await this.#run.kill();
    this.#counts.killed += 1;
    const stood = grouped(this.#stand.witness.look());
    return `SIGKILL (pid ${pid}) after ${(ageMs / 1000).toFixed(1)} s${when}, ${stood} messages more in the stage`;
  }

  #startRun() {
    this.#run = new SocketElRun(this.#stand.folder, (error) => this.#failed.abort(error));
  }

  async #crash(downMs, signal) {
    const { server } = this.#stand;
    await server.crash();
    this.#counts.crashed += 1;
    this.#tell('crashed PostgreSQL: all its processes ended at once, without a checkpoint');
    await sleep(downMs, undefined, { signal });
    await server.restart();
    this.#tell('PostgreSQL is up again on its data');
  }

  #linesByNow() {
    return Math.round(((performance.now() - this.#startedMs + AHEAD_MS) / 1000) * LINES_PER_SECOND);
  }
}
