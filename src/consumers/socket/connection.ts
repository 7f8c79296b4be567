import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ClientOptions, WebSocket } from 'ws';
import type { MessageChunk } from '../../stages/stage.js';
import { nowUs } from '../../utils/clock.js';
import { TransientError } from '../../utils/errors.js';
import { MessageBuffer } from '../../utils/message-buffer.js';
import { Wakeup } from '../../utils/wakeup.js';
import { type ConnectOptions, connectInPlace, READ_BYTES } from './connect-in-place.js';
import { FrameLane } from './frame-lane.js';
import { Keepalive } from './keepalive.js';
import { closeError, refusalError } from './refusal.js';
import type { OutgoingMessage, SocketSettings } from './settings.js';

const HANDSHAKE_MS = 15_000;
const CLOSE_MS = 1000;
/** So much may wait for the stage before we stop reading from the socket. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** A read, and the message that it completes. */
const CHUNK_BYTES = READ_BYTES + 4096;
/** A longer pause looks like a dead peer to the server, so we go first. */
const MAX_PAUSE_MS = 5000;

/** What the consumer wants to hear of its connection. */
export interface ConnectionEvents {
  /** The server answered the upgrade request, as asked or not. */
  answered(response: IncomingMessage): void;
  /** The upgrade succeeded: from now on messages arrive. */
  opened(): void;
  /** The peer is known to be alive, without a message. */
  alive(): void;
}

/** One WebSocket connection, from the upgrade to its end, as chunks of messages. */
export class SocketConnection {
  readonly #socket: WebSocket;
  readonly #settings: SocketSettings;
  readonly #events: ConnectionEvents;
  readonly #number: number;
  readonly #buffer: MessageBuffer;
  /** Whole chunks before what is in the buffer. */
  readonly #waiting: MessageChunk[] = [];
  #waitingBytes = 0;
  readonly #wakeup = new Wakeup();
  /** What the upgrade was asked on. */
  #stream: Duplex | undefined;
  /** None until it is open, and none where all messages come from `ws`. */
  #lane: FrameLane | undefined;
  #keepalive: Keepalive | undefined;
  #pauseTimer: NodeJS.Timeout | undefined;
  #end: Error | undefined;
  #gaveUp: string | undefined;
  #isClosed = false;
  /** When the newest message in the buffer came; it may have to wait there for the stage. */
  #arrivedUs = 0;

  constructor(settings: SocketSettings, number: number, events: ConnectionEvents) {
    this.#settings = settings;
    this.#buffer = new MessageBuffer(settings, CHUNK_BYTES);
    this.#number = number;
    this.#events = events;
    // UTF-8 is checked by the message buffer, which keeps what is none instead of ending the connection.
    this.#socket = new WebSocket(settings.uri, settings.subprotocols, {
      headers: settings.headers,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: settings.max_message_bytes,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      createConnection: (options: ConnectOptions) =>
        connectInPlace(
          options,
          new URL(settings.uri).protocol === 'wss:',
          (bytes) => this.#lane?.take(bytes) ?? false,
        ),
    } as ClientOptions);
    this.#listen();
  }

  /** Whether a message came on it. */
  get hasReceived(): boolean {
    return this.#arrivedUs > 0;
  }

  /**
   * The messages, one chunk for each read of the socket, until `signal` is aborted.
   *
   * @throws TransientError when the connection ends
   * @throws SocketElError `source.refused` when connecting again would not help
   */
  async *chunks(signal: AbortSignal): AsyncGenerator<MessageChunk> {
    const ring = () => this.#wakeup.ring();
    signal.addEventListener('abort', ring);
    try {
      while (!signal.aborted) {
        if (this.#hasMessages()) yield this.#takeChunk();
        else if (this.#end !== undefined) throw this.#end;
        else await this.#wakeup.wait();
      }
      // Otherwise a fast stream would go on bringing messages.
      this.#close();
      while (this.#hasMessages()) yield this.#takeChunk();
    } finally {
      signal.removeEventListener('abort', ring);
      this.#close();
    }
  }

  #hasMessages(): boolean {
    return this.#waiting.length > 0 || this.#buffer.messages > 0;
  }

  #takeChunk(): MessageChunk {
    const chunk = this.#waiting.shift() ?? this.#chunk();
    this.#waitingBytes -= chunk.bytes.length;
    if (this.#socket.isPaused && !this.#isClosed) this.#resume();
    return chunk;
  }

  /** What is in the buffer; its memory is used again once the stage needs it no more. */
  #chunk(): MessageChunk {
    const { bytes, messages } = this.#buffer.take();
    this.#waitingBytes += bytes.length;
    const onDurable = () => this.#buffer.reuse(bytes);
    return { bytes, messages, receivedAtUs: this.#arrivedUs, connection: this.#number, onDurable };
  }

  #listen(): void {
    this.#socket.on('upgrade', (response) => {
      this.#stream = response.socket;
      this.#events.answered(response);
    });
    this.#socket.on('open', () => this.#onOpen());
    this.#socket.on('message', (message) => this.#onMessage(message as Buffer));
    this.#socket.on('pong', () => this.#onPong());
    this.#socket.on('unexpected-response', (request, response) => {
      this.#onRefusal(response);
      request.destroy();
    });
    this.#socket.on('error', (cause) => this.#finish(connectionError(cause)));
    this.#socket.on('close', (code, reason) => this.#onClose(code, reason.toString()));
  }

  #onOpen(): void {
    this.#lane = FrameLane.open(this.#socket, this.#stream, {
      maxBytes: this.#settings.max_message_bytes,
      messages: (read, bounds, count) => {
        this.#closeChunk(read.length);
        this.#buffer.addAll(read, bounds, count);
        this.#onArrival();
      },
    });
    for (const message of this.#settings.subscribe) this.#send(message);
    this.#watch();
    this.#events.opened();
  }

  #watch(): void {
    this.#keepalive?.stop();
    this.#keepalive = new Keepalive(this.#settings.keepalive, {
      ping: () => this.#ping(),
      giveUp: (reason) => this.#giveUp(reason),
    });
  }

  #ping(): void {
    const { message } = this.#settings.keepalive;
    this.#socket.ping();
    if (message !== undefined) this.#send(message);
  }

  #send(message: OutgoingMessage): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  #onMessage(message: Buffer): void {
    this.#closeChunk(message.length);
    this.#buffer.add(message);
    this.#onArrival();
  }

  /** A chunk is about a read; while the stage takes none, they wait. */
  #closeChunk(arriving: number): void {
    if (this.#buffer.messages > 0 && this.#buffer.byteLength + arriving > CHUNK_BYTES)
      this.#waiting.push(this.#chunk());
  }

  #onArrival(): void {
    this.#arrivedUs = nowUs();
    this.#keepalive?.message();
    this.#wakeup.ring();
    if (this.#waitingBytes + this.#buffer.byteLength > MAX_WAITING_BYTES && !this.#socket.isPaused)
      this.#pause();
  }

  #onPong(): void {
    this.#keepalive?.pong();
    this.#events.alive();
  }

  #pause(): void {
    this.#socket.pause();
    this.#keepalive?.stop();
    this.#pauseTimer = setTimeout(() => this.#giveUp('the stage could not take more messages'), MAX_PAUSE_MS);
  }

  #resume(): void {
    clearTimeout(this.#pauseTimer);
    this.#socket.resume();
    this.#watch();
  }

  #giveUp(reason: string): void {
    this.#gaveUp = reason;
    this.#socket.terminate();
  }

  #onRefusal(response: IncomingMessage): void {
    const { stop_on } = this.#settings.reconnect;
    this.#events.answered(response);
    this.#finish(refusalError(response.statusCode ?? 0, response.headers['retry-after'], stop_on));
  }

  #onClose(code: number, reason: string): void {
    if (this.#gaveUp !== undefined)
      this.#finish(new TransientError({ code: 'source.connection', message: this.#gaveUp }));
    if (code !== 1006) this.#events.alive();
    this.#finish(closeError(code, reason, this.#settings.reconnect.stop_on));
  }

  /** The first reason counts. */
  #finish(error: Error): void {
    this.#end ??= error;
    this.#keepalive?.stop();
    clearTimeout(this.#pauseTimer);
    this.#wakeup.ring();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#keepalive?.stop();
    clearTimeout(this.#pauseTimer);
    // What comes from here on is not staged, so it must not count as received either.
    this.#lane?.close();
    this.#socket.removeAllListeners();
    this.#socket.on('error', ignoreError);
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    else this.#socket.terminate();
    setTimeout(() => this.#socket.terminate(), CLOSE_MS).unref();
  }
}

/** Of a connection that was given up; why is known already. */
function ignoreError(): void {}

function connectionError(cause: Error): TransientError {
  return new TransientError(
    { code: 'source.connection', message: 'expected a WebSocket connection' },
    { cause },
  );
}
