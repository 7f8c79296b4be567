import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

/** A connection as the server saw it. */
interface SeenConnection {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly atMs: number;
  /** What the client sent. */
  readonly heard: readonly string[];
  readonly pings: number;
}

export interface SocketSource {
  readonly uri: string;
  readonly connections: readonly SeenConnection[];
}

/**
 * A real WebSocket server on loopback, closed when the test ends.
 *
 * @param talk called with each connection, and how many there were before it
 */
export async function serveSocket(
  talk: (socket: WebSocket, index: number) => void,
  options: ServerOptions = {},
): Promise<SocketSource> {
  const connections: SeenConnection[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  server.on('connection', (socket, { url = '', headers }) => {
    const heard: string[] = [];
    const seen = { path: url, headers, atMs: performance.now(), heard, pings: 0 };
    socket.on('message', (message) => heard.push(String(message)));
    socket.on('ping', () => seen.pings++);
    socket.on('error', () => {});
    talk(socket, connections.push(seen) - 1);
  });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return { uri: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, connections };
}
