import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { FrameSplitter, isEncryptionRequest, type PgFrame } from './pg-frames.js';
import { TransactionWatch } from './pg-transaction.js';

/** A message on its way through the proxy, before it is passed on. */
export interface ProxiedMessage {
  readonly side: 'client' | 'server';
  /** The protocol's type byte as a character, "" for start-up packets. */
  readonly type: string;
  /** Counts from 1 in its direction of its connection. */
  readonly number: number;
  /** Asks for COMMIT (client) or says that it is done (server). */
  readonly commits: boolean;
  /** The transaction had COPY data or a ledger insert. */
  readonly loads: boolean;
}

export type CutRule = (message: ProxiedMessage) => boolean;

/** COMMIT has happened, the client must not learn it. */
export const isCommitAnswer: CutRule = ({ side, commits, loads }) => side === 'server' && commits && loads;
/** COMMIT was asked for, the server must not learn it. */
export const isCommitRequest: CutRule = ({ side, commits, loads }) => side === 'client' && commits && loads;

/** The first, third, fifth ... message that the rule matches. */
export function everySecond(rule: CutRule): CutRule {
  let seen = 0;
  return (message) => rule(message) && seen++ % 2 === 0;
}

/** The `number`-th message of one direction, on each connection. */
export function atMessage(side: ProxiedMessage['side'], number: number): CutRule {
  return (message) => message.side === side && message.number === number;
}

class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #watch = new TransactionWatch();
  readonly #proxy: PgProxy;
  readonly #numbers = { client: 0, server: 0 };
  #isCut = false;

  constructor(proxy: PgProxy, client: Socket, server: Socket) {
    this.#proxy = proxy;
    this.#client = client;
    this.#server = server;
    this.#join('client', client, server);
    this.#join('server', server, client);
  }

  pause(): void {
    this.#client.pause();
    this.#server.pause();
  }

  resume(): void {
    this.#client.resume();
    this.#server.resume();
  }

  cut(): void {
    this.#isCut = true;
    this.#client.destroy();
    this.#server.destroy();
  }

  #join(side: 'client' | 'server', from: Socket, to: Socket): void {
    const splitter = new FrameSplitter(side);
    from.setNoDelay(true);
    from.on('error', () => {});
    from.on('end', () => to.end());
    from.on('close', () => to.end());
    from.on('data', (chunk: Buffer) => {
      for (const frame of splitter.push(chunk)) {
        if (this.#isCut) return;
        this.#pass(side, frame, from, to);
      }
    });
  }

  #pass(side: 'client' | 'server', frame: PgFrame, from: Socket, to: Socket): void {
    if (isEncryptionRequest(frame)) {
      from.write('N');
      return;
    }
    const commits = side === 'client' ? this.#watch.seeClient(frame) : this.#watch.seeServer(frame);
    const number = ++this.#numbers[side];
    if (this.#proxy.isToCut({ side, type: frame.type, number, commits, loads: this.#watch.loads }))
      this.cut();
    else if (!to.write(frame.bytes)) this.#wait(from, to);
  }

  #wait(from: Socket, to: Socket): void {
    if (from.isPaused()) return;
    from.pause();
    to.once('drain', () => {
      if (!this.#proxy.isPaused) from.resume();
    });
  }
}

/** A PostgreSQL proxy on loopback that cuts both sides at a message, before passing it on; it speaks no TLS. */
export class PgProxy {
  /** Asked for each message; a test may replace it at any time. */
  rule: CutRule = () => false;
  readonly #target: { host: string; port: number };
  readonly #links = new Set<Link>();
  #listener: Server | undefined;
  #port = 0;
  #cuts = 0;
  #isPaused = false;

  constructor(target: { host: string; port: number }) {
    this.#target = target;
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.#port };
  }

  get cuts(): number {
    return this.#cuts;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#links.size;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  isToCut(message: ProxiedMessage): boolean {
    if (!this.rule(message)) return false;
    this.#cuts++;
    return true;
  }

  /** Nothing passes any more; connections stay open, as with a frozen server or a broken route. */
  pause(): void {
    this.#isPaused = true;
    for (const link of this.#links) link.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const link of this.#links) link.resume();
  }

  /** Cuts all connections and refuses new ones, as with a stopped server. */
  async refuse(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    for (const link of this.#links) link.cut();
    this.#links.clear();
    if (listener) await new Promise((resolve) => listener.close(resolve));
  }

  /** Listens, after `refuse` on the same port as before. */
  async accept(): Promise<void> {
    const listener = createServer({ allowHalfOpen: true }, (client) => this.#link(client));
    listener.listen(this.#port, '127.0.0.1');
    await once(listener, 'listening');
    this.#listener = listener;
    this.#port = (listener.address() as AddressInfo).port;
  }

  #link(client: Socket): void {
    const server = connect({ ...this.#target, allowHalfOpen: true });
    const link = new Link(this, client, server);
    this.#links.add(link);
    client.on('close', () => this.#links.delete(link));
    if (this.#isPaused) link.pause();
  }
}

/** Starts a proxy before the PostgreSQL server of the tests; it ends with the running test. */
export async function startProxy(target: { host: string; port: number }): Promise<PgProxy> {
  const proxy = new PgProxy({ host: target.host, port: target.port });
  await proxy.accept();
  onTestFinished(() => proxy.refuse());
  return proxy;
}
