import type { Stage } from '../stages/stage.js';
import { nowUs } from '../utils/clock.js';

const TICK_MS = 250;
/** Who does not tick for so long was stopped, suspended or too busy. */
const STALL_US = 1_000_000;
/** What comes so long after a stall did not lie waiting since then: what waits is read at once. */
const SETTLED_US = 10_000_000;

/**
 * Knows when a source that cannot be read again was not being received, and records it: from the last moment it was
 * known to be received, in this run or the one before, until its messages arrive again.
 *
 * After a stall of this thread nothing tells whether what is read then came before or after; if the connection turns out to be
 * lost, it may have been so since the stall began, and the gap begins there.
 */
export class GapTracker {
  readonly #stage: Stage;
  readonly #onGap: () => void;
  readonly #timer: NodeJS.Timeout;
  #startUs: number | undefined;
  #reason = 'not running';
  #lastHeardUs: number | undefined;
  #lastTickUs = nowUs();
  /** The last moment before a stall that is not known to have done no harm, and when it was noticed. */
  #doubt: { readonly sinceUs: number; readonly noticedUs: number } | undefined;

  constructor(stage: Stage, onGap: () => void) {
    this.#stage = stage;
    this.#onGap = onGap;
    this.#startUs = stage.lastReceivedUs();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  /** Something of the source came just now, at `us` microseconds since 1970. */
  heard(us: number): void {
    this.#tick();
    if (this.#doubt !== undefined && us - this.#doubt.noticedUs > SETTLED_US) this.#doubt = undefined;
    this.#lastHeardUs = us;
  }

  /** The connection was alive just now, without a message; recorded, so that a crash makes no longer gap than there was. */
  alive(): void {
    this.heard(nowUs());
    if (this.#doubt === undefined) this.#stage.receivedUntil(nowUs());
  }

  /** From now on its messages arrive. */
  resumed(): void {
    this.#doubt = undefined;
    if (this.#startUs === undefined) this.alive();
    else this.#record();
    this.heard(nowUs());
  }

  /** It was lost. What came before it was first received is no gap. */
  lost(reason: string): void {
    this.#tick();
    if (this.#startUs !== undefined || this.#lastHeardUs === undefined) return;
    this.#startUs = this.#doubt?.sinceUs ?? this.#lastHeardUs;
    this.#reason = reason;
  }

  /** The run ends: records a gap that is open, or until when the source was received. */
  finish(): void {
    clearInterval(this.#timer);
    if (this.#startUs !== undefined) this.#record();
    else if (this.#lastHeardUs !== undefined) this.#stage.receivedUntil(this.#lastHeardUs);
  }

  /** Called often; notices when it was not. */
  #tick(): void {
    const us = nowUs();
    const isStalled = us - this.#lastTickUs > STALL_US;
    this.#lastTickUs = us;
    if (!isStalled || this.#lastHeardUs === undefined) return;
    this.#doubt = { sinceUs: this.#doubt?.sinceUs ?? this.#lastHeardUs, noticedUs: us };
  }

  #record(): void {
    if (this.#startUs === undefined) return;
    const gap = { fromUs: this.#startUs, toUs: nowUs(), reason: this.#reason };
    this.#startUs = undefined;
    this.#stage.gap(gap);
    this.#onGap();
  }
}
