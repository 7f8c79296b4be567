import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { FrameLane } from '../../../src/consumers/socket/frame-lane.js';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A client's end of a connection: each `push` of the server is exactly one read of the client. */
class Wire extends Duplex {
  #asked = '';
  readonly sent: Buffer[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    if (this.#asked.endsWith('\r\n\r\n')) this.sent.push(chunk);
    else this.#ask(chunk);
    done();
  }

  #ask(chunk: Buffer): void {
    this.#asked += chunk.toString();
    if (!this.#asked.endsWith('\r\n\r\n')) return;
    const key = /sec-websocket-key: (.*)\r\n/i.exec(this.#asked)?.[1] ?? '';
    const accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64');
    const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
    this.push(`${head}Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
  }
}

/** How a talk is held: by `ws` alone or with the lane, and there as events or in memory that is used again. */
interface Manner {
  readonly way: 'ws' | 'events' | 'in place';
  /** Whether reads follow each other within a turn of the loop. */
  readonly isAtOnce: boolean;
  readonly maxBytes: number;
}

/** What a client made of the reads it was given. */
export interface Talk {
  /** In order: each message, ping and pong in base64, error and close. */
  readonly events: readonly string[];
  /** What the client answered, without masks. */
  readonly answer: string;
  /** Messages that came by the lane. */
  readonly fast: number;
}

/** Gives a client exactly these reads, then ends the connection. */
export async function talk(reads: readonly Buffer[], { way, isAtOnce, maxBytes }: Manner): Promise<Talk> {
  const wire = new Wire();
  const socket = new WebSocket('ws://server/', {
    createConnection: () => wire as never,
    generateMask: (mask) => void mask.fill(0),
    maxPayload: maxBytes,
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  const events: string[] = [];
  let fast = 0;
  const onMessage = (bytes: Uint8Array) => events.push(`message ${Buffer.from(bytes).toString('base64')}`);
  socket.on('message', (message) => onMessage(message as Buffer));
  for (const kind of ['ping', 'pong'] as const)
    socket.on(kind, (payload) => events.push(`${kind} ${payload.toString('base64')}`));
  socket.on('error', (error: NodeJS.ErrnoException) => events.push(`error ${error.code} ${error.message}`));
  // Not `once`, which an error would end.
  const closed = new Promise<void>((resolve) => {
    socket.on('close', (code, reason) => {
      events.push(`close ${code} ${reason.toString('base64')}`);
      resolve();
    });
  });
  await once(socket, 'open');
  const messages = (read: Uint8Array, bounds: Int32Array, count: number) => {
    fast += count;
    for (let i = 0; i < count; i++) onMessage(read.subarray(bounds[2 * i], bounds[2 * i + 1]));
  };
  const lane = way === 'ws' ? undefined : FrameLane.open(socket, wire, { maxBytes, messages });
  if (way !== 'ws' && lane === undefined) throw new Error('expected ws to have one listener for data');
  for (const read of reads) {
    const memory = Buffer.from(read);
    if (way !== 'in place' || lane?.take(memory) !== true) wire.push(memory);
    else memory.fill(0x81);
    if (!isAtOnce) await nextTurn();
  }
  wire.push(null);
  await closed;
  return { events, answer: Buffer.concat(wire.sent).toString('hex'), fast };
}
