import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly atMs: number;
}

/** What the server answers; a body that is no text or bytes is sent as JSON. */
export interface ServedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sends the beginning and then nothing more. */
  readonly isStalled?: boolean;
}

export interface HttpSource {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

/** A real HTTP server on loopback, closed when the test ends. */
export async function serveHttp(
  answer: (request: SeenRequest, index: number) => ServedAnswer,
): Promise<HttpSource> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const query = Object.fromEntries(searchParams);
    const seen = { path: pathname, query, headers: request.headers, atMs: performance.now() };
    requests.push(seen);
    send(response, answer(seen, requests.length - 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function send(
  response: ServerResponse,
  { status = 200, headers = {}, body = '', isStalled }: ServedAnswer,
): void {
  const isReady = typeof body === 'string' || body instanceof Uint8Array;
  const text = isReady ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.write(text);
  if (isStalled !== true) response.end();
}
