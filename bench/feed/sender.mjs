import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../harness/clock.mjs';

const SLICE_BYTES = 256 * 1024;
const TICK_MS = 5;
/** Codes of what says that the receiver went away; the first is that of our own signal. */
const GONE = new Set(['ABORT_ERR', 'ECONNRESET', 'EPIPE']);

/**
 * @typedef {object} Sent
 * @property {number} firstMs when the first frame went out
 * @property {[number, number][]} ticks how many were sent, and when; only at a rate
 */

/** Sends frames over a socket whose handshake is done, and begins again with the first after the last. */
export class Sender {
  #socket;
  #frames;
  #gone = new AbortController();

  /**
   * @param {import('node:net').Socket} socket
   * @param {import('./frames.mjs').Frames} frames
   */
  constructor(socket, frames) {
    this.#socket = socket;
    this.#frames = frames;
    socket.once('close', () => this.#gone.abort());
  }

  /**
   * As fast as the receiver takes them.
   *
   * @param {number} count
   * @returns {Promise<boolean>} false: the receiver went away before the end
   */
  async flood(count) {
    for (let sent = 0; sent < count; ) {
      const first = sent % this.#frames.count;
      const left = Math.min(this.#frames.count, first + count - sent);
      const last = Math.min(left, this.#frames.lastWithin(first, SLICE_BYTES));
      if (!(await this.#write(first, last))) return false;
      sent += last - first;
    }
    return true;
  }

  /**
   * At a steady rate, what is due every few milliseconds together.
   *
   * @param {number} count
   * @param {number} rate messages a second
   * @param {(sent: number, atMs: number) => void} onTick
   * @returns {Promise<boolean>} as above
   */
  async pace(count, rate, onTick) {
    const startMs = nowMs();
    for (let sent = 0; sent < count; ) {
      const due = Math.min(count, Math.ceil(((nowMs() - startMs) * rate) / 1000));
      onTick(due, nowMs());
      for (; sent < due; ) {
        const first = sent % this.#frames.count;
        const last = Math.min(this.#frames.count, first + due - sent);
        if (!(await this.#write(first, last))) return false;
        sent += last - first;
      }
      await sleep(TICK_MS);
    }
    return true;
  }

  async #write(first, last) {
    const { signal } = this.#gone;
    if (signal.aborted) return false;
    if (this.#socket.write(this.#frames.slice(first, last))) return true;
    return once(this.#socket, 'drain', { signal }).then(
      () => true,
      (error) => {
        if (!GONE.has(error.code)) throw error;
        return false;
      },
    );
  }
}
