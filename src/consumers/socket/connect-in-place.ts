import { isIP, connect as netConnect, type Socket, type SocketConnectOpts } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

/** The most that is read at once; there is more to do for each read than for each byte. */
export const READ_BYTES = 256 * 1024;

/** After so many bytes others have their turn: libuv reads on up to 32 times while a read fills the memory. */
const TURN_BYTES = 1024 * 1024;

/** Takes what was read, during the call; or says that it wants the socket's ordinary events instead. */
export type TakeRead = (bytes: Buffer) => boolean;

/** What `ws` asks a connection with. */
export interface ConnectOptions {
  readonly host?: string | undefined;
  readonly servername?: string | undefined;
}

/**
 * Connects a socket that reads into one piece of memory again and again: Node makes a new one for each read otherwise,
 * which is most of what its garbage collector has to do for a fast stream.
 */
export function connectInPlace(options: ConnectOptions, isSecure: boolean, take: TakeRead): Socket {
  let taken = 0;
  const onRead = (length: number, memory: Uint8Array): boolean => {
    const bytes = Buffer.from(memory.buffer, memory.byteOffset, length);
    // What is waiting in the socket came before.
    const isTaken = socket.readableLength === 0 && take(bytes);
    if (!isTaken && !socket.push(Buffer.from(bytes))) return false;
    taken += length;
    if (taken < TURN_BYTES) return true;
    taken = 0;
    setImmediate(goOn);
    // That stops the reading.
    return false;
  };
  const goOn = () => {
    if (!socket.isPaused()) socket.resume();
  };
  // For `ws` the path is that of the request, for a socket it would be that of a Unix socket.
  const asked = {
    ...options,
    path: undefined,
    onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: onRead },
  };
  const socket: Socket = isSecure
    ? tlsConnect({ ...asked, servername: serverName(options) })
    : netConnect(asked as unknown as SocketConnectOpts);
  return socket;
}

/** An address has no name to ask the certificate of. */
function serverName({ servername, host = '' }: ConnectOptions): string {
  if (servername !== undefined) return servername;
  return isIP(host) === 0 ? host : '';
}
