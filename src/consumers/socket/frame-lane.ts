import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { FrameSplitter } from './frame-splitter.js';

type Listener = (bytes: Buffer) => void;

/** What a lane brings to its connection; see {@link FrameSplitter}. */
export interface LaneTarget {
  readonly maxBytes: number;
  /** Messages that did not go through `ws`. */
  messages(read: Uint8Array, bounds: Int32Array, count: number): void;
}

/**
 * A short way for the messages of an open connection: `ws` costs more for each than all the rest of receiving. It keeps
 * everything that is not the rule: the handshake, control frames, fragments, frames cut by a read, and all errors.
 *
 * The way in is the one listener that `ws` has on its socket: called with part of a read, it does with that part what it
 * would have done with it as a read of its own, and its events come before it returns.
 */
export class FrameLane {
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #listener: Listener;
  readonly #splitter: FrameSplitter;
  readonly #onData = (bytes: Buffer) => this.#splitter.read(bytes);
  readonly #onMessage = () => void this.#received++;
  readonly #onError = () => this.#leave();
  #isOver = false;
  /** Messages that `ws` gave. */
  #received = 0;

  private constructor(webSocket: WebSocket, socket: Duplex, listener: Listener, target: LaneTarget) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#listener = listener;
    this.#splitter = new FrameSplitter(target.maxBytes, {
      messages: (read, bounds, count) => target.messages(read, bounds, count),
      other: (bytes, isMessage) => this.#passOn(bytes, isMessage),
      rest: (bytes) => this.#giveUp(bytes),
    });
    webSocket.on('message', this.#onMessage);
    // From then on `ws` discards what comes, and would wait for ever behind a write.
    webSocket.on('error', this.#onError);
    socket.on('data', this.#onData);
    socket.off('data', listener);
  }

  /**
   * Opens a lane on a connection that has just been opened; undefined where `ws` does not read as it is known to, or
   * messages are compressed: then they all come as its events.
   */
  static open(webSocket: WebSocket, socket: Duplex | undefined, target: LaneTarget): FrameLane | undefined {
    const [listener, ...others] = (socket?.listeners('data') ?? []) as Listener[];
    if (socket === undefined || listener === undefined || others.length > 0) return undefined;
    if (webSocket.extensions !== '') return undefined;
    return new FrameLane(webSocket, socket, listener, target);
  }

  /** Takes what was read elsewhere than by the socket's events. @returns false when it is for those */
  take(bytes: Buffer): boolean {
    if (this.#isOver) return false;
    this.#splitter.read(bytes);
    return true;
  }

  /** Gives everything that still comes back to `ws`. */
  close(): void {
    if (this.#isOver) return;
    // First, because a socket that nobody listens to may stop.
    this.#socket.on('data', this.#listener);
    this.#leave();
  }

  #leave(): void {
    this.#isOver = true;
    this.#webSocket.off('message', this.#onMessage);
    this.#webSocket.off('error', this.#onError);
    this.#socket.off('data', this.#onData);
  }

  /** A message that `ws` does not give has been refused, and so is all that follows. */
  #passOn(bytes: Uint8Array, isMessage: boolean): boolean {
    const before = this.#received;
    this.#toWs(bytes);
    return !isMessage || this.#received > before;
  }

  /** `ws` takes its listener away when it is through with the connection, so it must be in its place by then. */
  #giveUp(bytes: Uint8Array): void {
    this.close();
    if (bytes.length > 0) this.#toWs(bytes);
  }

  /** What it does not use at once it keeps, and the memory of a read is used again. */
  #toWs(bytes: Uint8Array): void {
    this.#listener.call(this.#socket, Buffer.from(bytes));
  }
}
