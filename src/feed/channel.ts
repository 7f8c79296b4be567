import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

const TICK_MS = 10;
const MAX_BUFFERED_BYTES = 1024 * 1024;
const BURST = 512;

/** How a channel issues its messages. */
export interface ChannelSettings {
  /** Messages a second; 0: as fast as the slowest receiver takes them. */
  readonly rate: number;
  /** How many messages there are; then the channel is silent. */
  readonly count: number;
  /** Whether to close the connections after the last message. */
  readonly closeAtEnd: boolean;
}

interface Receiver {
  readonly webSocket: WebSocket;
  readonly socket: Socket;
}

/**
 * One path of the feed. Its messages are issued by the clock, from the first connection on, to whoever is connected
 * then; like a real feed it does not repeat what nobody received.
 */
export class Channel {
  readonly #messages: Iterator<string>;
  readonly #settings: ChannelSettings;
  readonly #receivers = new Set<Receiver>();
  #issued = 0;
  #startedMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(messages: Iterator<string>, settings: ChannelSettings) {
    this.#messages = messages;
    this.#settings = settings;
  }

  /** Adds a connection; it gets what is issued from now on. */
  add(webSocket: WebSocket, socket: Socket): void {
    const receiver = { webSocket, socket };
    this.#receivers.add(receiver);
    webSocket.on('close', () => this.#receivers.delete(receiver));
    webSocket.on('error', () => webSocket.terminate());
    this.#startedMs ??= performance.now();
    if (this.#timer === undefined && this.#issued < this.#settings.count) this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#tick(), this.#settings.rate === 0 ? 0 : TICK_MS);
  }

  #tick(): void {
    const due = Math.min(this.#settings.count, this.#dueByNow());
    while (this.#issued < due) {
      const burst = this.#nextBurst(Math.min(BURST, due - this.#issued));
      if (burst.length === 0) {
        this.#finish();
        return;
      }
      for (const receiver of this.#receivers) sendAll(receiver, burst);
    }
    if (this.#issued < this.#settings.count) this.#schedule();
    else this.#finish();
  }

  #dueByNow(): number {
    const { rate } = this.#settings;
    if (rate > 0) return Math.floor(((performance.now() - (this.#startedMs ?? 0)) * rate) / 1000);
    const isReady =
      this.#receivers.size > 0 &&
      [...this.#receivers].every(({ socket }) => socket.writableLength < MAX_BUFFERED_BYTES);
    return isReady ? this.#issued + BURST : this.#issued;
  }

  #nextBurst(size: number): readonly string[] {
    const burst: string[] = [];
    while (burst.length < size) {
      const { done, value } = this.#messages.next();
      if (done) break;
      burst.push(value);
    }
    this.#issued += burst.length;
    return burst;
  }

  #finish(): void {
    this.#timer = undefined;
    if (this.#settings.closeAtEnd)
      for (const { webSocket } of this.#receivers) webSocket.close(1000, 'the feed has ended');
  }
}

/** Corked, so that many frames leave in one write. */
function sendAll({ webSocket, socket }: Receiver, messages: readonly string[]): void {
  socket.cork();
  for (const message of messages) webSocket.send(message);
  socket.uncork();
}
