/** What a watched connection can do. */
export interface Watched {
  ping(): void;
  /** Ends the connection because the peer is gone or mute. */
  giveUp(reason: string): void;
}

/** Milliseconds; `idle_timeout` 0 means never. */
export interface KeepaliveSettings {
  readonly ping_interval: number;
  readonly pong_timeout: number;
  readonly idle_timeout: number;
}

/**
 * Pings, and gives up on a peer that does not answer in time or sends no message for too long. While we pause the
 * connection nothing can arrive, so the connection stops this watch and begins another afterwards.
 */
export class Keepalive {
  readonly #settings: KeepaliveSettings;
  readonly #watched: Watched;
  readonly #timer: NodeJS.Timeout;
  #pongDeadlineMs: number | undefined;
  #nextPingMs: number;
  #lastMessageMs: number;

  constructor(settings: KeepaliveSettings, watched: Watched) {
    this.#settings = settings;
    this.#watched = watched;
    const now = performance.now();
    this.#nextPingMs = now + settings.ping_interval;
    this.#lastMessageMs = now;
    const stepMs =
      Math.min(settings.ping_interval, settings.pong_timeout, settings.idle_timeout || 1000, 1000) / 4;
    this.#timer = setInterval(() => this.#look(performance.now()), Math.max(10, stepMs));
  }

  /** A pong came. */
  pong(): void {
    this.#pongDeadlineMs = undefined;
  }

  /** A message came, which proves life as well as a pong does. */
  message(): void {
    this.#lastMessageMs = performance.now();
    this.#pongDeadlineMs = undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(now: number): void {
    const { ping_interval, pong_timeout, idle_timeout } = this.#settings;
    if (this.#pongDeadlineMs !== undefined && now > this.#pongDeadlineMs) {
      this.#watched.giveUp(`no answer to a ping within ${pong_timeout} ms`);
    } else if (idle_timeout > 0 && now - this.#lastMessageMs > idle_timeout) {
      this.#watched.giveUp(`connected, but no message for ${idle_timeout} ms (keepalive.idle_timeout)`);
    } else if (now >= this.#nextPingMs) {
      this.#nextPingMs = now + ping_interval;
      this.#pongDeadlineMs ??= now + pong_timeout;
      this.#watched.ping();
    }
  }
}
