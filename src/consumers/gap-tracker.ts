import type { Stage } from '../stages/stage.js';
import { nowUs } from '../utils/clock.js';

/**
 * Knows when a source that cannot be read again was not being received, and records it: from the last moment it was
 * known to be received, in this run or the one before, until its messages arrive again.
 */
export class GapTracker {
  readonly #stage: Stage;
  readonly #onGap: () => void;
  #startUs: number | undefined;
  #reason = 'not running';
  #lastHeardUs: number | undefined;

  constructor(stage: Stage, onGap: () => void) {
    this.#stage = stage;
    this.#onGap = onGap;
    this.#startUs = stage.lastReceivedUs();
  }

  /** Something of the source came just now, at `us` microseconds since 1970. */
  heard(us: number): void {
    this.#lastHeardUs = us;
  }

  /** The connection was alive just now, without a message; recorded, so that a crash makes no longer gap than there was. */
  alive(): void {
    this.heard(nowUs());
    this.#stage.receivedUntil(nowUs());
  }

  /** From now on its messages arrive. */
  resumed(): void {
    if (this.#startUs === undefined) this.alive();
    else this.#record();
    this.heard(nowUs());
  }

  /** It was lost. What came before it was first received is no gap. */
  lost(reason: string): void {
    if (this.#startUs !== undefined || this.#lastHeardUs === undefined) return;
    this.#startUs = this.#lastHeardUs;
    this.#reason = reason;
  }

  /** The run ends: records a gap that is open, or until when the source was received. */
  finish(): void {
    if (this.#startUs !== undefined) this.#record();
    else if (this.#lastHeardUs !== undefined) this.#stage.receivedUntil(this.#lastHeardUs);
  }

  #record(): void {
    if (this.#startUs === undefined) return;
    const gap = { fromUs: this.#startUs, toUs: nowUs(), reason: this.#reason };
    this.#startUs = undefined;
    this.#stage.gap(gap);
    this.#onGap();
  }
}
