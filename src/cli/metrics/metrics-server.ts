import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { SocketElError } from '../../utils/errors.js';
import type { RunnerHealth } from './health.js';
import { isLoopback, type MetricsAddress } from './metrics-address.js';

/** The variable with the token that `/metrics` wants where other machines can reach it. */
const TOKEN_VARIABLE = 'SOCKET_EL_METRICS_TOKEN';

const TIMEOUT_MS = 5000;
const MAX_HEADER_BYTES = 8192;

/** What is served. */
export interface Served {
  readonly registry: Registry;
  readonly liveness: () => readonly RunnerHealth[];
  readonly readiness: () => readonly RunnerHealth[];
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Serves `/metrics` for Prometheus, and `/healthz` and `/readyz`, 200 or 503, for who watches over the process. */
export class MetricsServer {
  readonly #server: Server;
  readonly #served: Served;
  readonly #address: MetricsAddress;
  readonly #token: string | undefined;

  private constructor(address: MetricsAddress, served: Served, token: string | undefined) {
    this.#address = address;
    this.#served = served;
    this.#token = token;
    const limits = {
      requestTimeout: TIMEOUT_MS,
      headersTimeout: TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    };
    this.#server = createServer(limits, (request, response) => void this.#onRequest(request, response));
  }

  /** @throws SocketElError `usage.argument` without a token where one is needed, `environment.unavailable` for a taken port */
  static async open(
    address: MetricsAddress,
    served: Served,
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<MetricsServer> {
    const token = env[TOKEN_VARIABLE] || undefined;
    if (!isLoopback(address.host) && token === undefined) throw missingToken(address.host);
    const server = new MetricsServer(address, served, token);
    await server.#listen();
    return server;
  }

  /** Where it listens, as `http://host:port`. */
  get url(): string {
    const { family, address, port } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #listen(): Promise<void> {
    const { host, port } = this.#address;
    try {
      this.#server.listen(port, host);
      await once(this.#server, 'listening');
      // A run ends by itself; who asks how it is must not keep it.
      this.#server.unref();
    } catch (cause) {
      const message = `--metrics: expected to listen on ${host}:${port}`;
      throw new SocketElError(
        { code: 'environment.unavailable', message, hint: 'another port, or 0 for any free one' },
        { cause },
      );
    }
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Who asks for figures must not end the run.
    const answer = this.#answer(request).catch(() => text(500, 'the figures could not be gathered'));
    const { status, type, body } = await answer;
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(body);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    if (!this.#isForUs(request)) return text(421, 'expected this machine as Host');
    if (request.method !== 'GET') return text(405, 'expected GET');
    switch (request.url?.split('?', 1)[0]) {
      case '/metrics':
        if (!this.#isAllowed(request)) return text(401, 'expected Authorization: Bearer and the token');
        return {
          status: 200,
          type: this.#served.registry.contentType,
          body: await this.#served.registry.metrics(),
        };
      case '/healthz':
        return health(this.#served.liveness());
      case '/readyz':
        return health(this.#served.readiness());
      default:
        return text(404, 'expected /metrics, /healthz or /readyz');
    }
  }

  /** A page in a browser here could have a name of its own lead to this machine. */
  #isForUs({ headers }: IncomingMessage): boolean {
    const host = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
    return !isLoopback(this.#address.host) || isLoopback(host);
  }

  #isAllowed({ headers }: IncomingMessage): boolean {
    if (this.#token === undefined) return true;
    return timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${this.#token}`));
  }
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}

function health(runners: readonly RunnerHealth[]): Answer {
  const ok = runners.every(({ reason }) => reason === undefined);
  return { status: ok ? 200 : 503, type: 'application/json', body: `${JSON.stringify({ ok, runners })}\n` };
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}

function missingToken(host: string): SocketElError {
  return new SocketElError({
    code: 'usage.argument',
    message: `--metrics: expected a token in ${TOKEN_VARIABLE}, because other machines can reach ${host}`,
    hint: `export ${TOKEN_VARIABLE}=…, which /metrics then wants as Authorization: Bearer …; or --metrics 127.0.0.1:9464`,
  });
}
