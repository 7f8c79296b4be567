import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { CommitWatch, FrameSplitter, isEncryptionRequest } from './pg-frames.mjs';

const HOST = '127.0.0.1';

/** @typedef {import('./schedule.mjs').CutPlace} CutPlace */

/**
 * Stands before a PostgreSQL server, slows what goes to it, and cuts a connection at COMMIT when it is told to. It speaks
 * no TLS.
 */
export class CuttingProxy {
  /** What the clients together may send. */
  bytesPerSecond = Number.POSITIVE_INFINITY;
  #target;
  #onCut;
  #listener;
  #links = new Set();
  #armed = [];
  #freeAtMs = 0;

  /**
   * @param {{ host: string, port: number }} target
   * @param {(at: CutPlace) => void} onCut called at each cut
   */
  constructor(target, onCut) {
    this.#target = target;
    this.#onCut = onCut;
  }

  /** @returns {Promise<void>} when it takes connections */
  async listen() {
    this.#listener = createServer({ allowHalfOpen: true }, (client) => this.#link(client));
    this.#listener.listen(0, HOST);
    await once(this.#listener, 'listening');
  }

  /** @returns {{ host: string, port: number }} where to connect to instead of the server */
  get address() {
    return { host: HOST, port: this.#listener.address().port };
  }

  /** @param {CutPlace} at where the next load is to be cut */
  arm(at) {
    this.#armed.push(at);
  }

  /** Whether a cut is still to come. */
  get isArmed() {
    return this.#armed.length > 0;
  }

  /** From now on everything passes, as fast as it comes. */
  calm() {
    this.#armed = [];
    this.bytesPerSecond = Number.POSITIVE_INFINITY;
  }

  /** Cuts what is open. */
  async close() {
    this.#listener.close();
    for (const link of this.#links) link.cut();
    await once(this.#listener, 'close');
  }

  /** @param {CutPlace} at where a load is */
  isToCut(at) {
    const index = this.#armed.indexOf(at);
    if (index === -1) return false;
    this.#armed.splice(index, 1);
    this.#onCut(at);
    return true;
  }

  /**
   * @param {number} bytes that a client has sent
   * @returns {number} how long it is to wait before it sends more, so that all clients together keep to the rate
   */
  waitMs(bytes) {
    const nowMs = performance.now();
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + (bytes * 1000) / this.bytesPerSecond;
    return this.#freeAtMs - nowMs;
  }

  #link(client) {
    const link = new Link(this, client, connect({ ...this.#target, allowHalfOpen: true }));
    this.#links.add(link);
    client.on('close', () => this.#links.delete(link));
  }
}

class Link {
  #proxy;
  #client;
  #server;
  #watch = new CommitWatch();
  #isCut = false;

  constructor(proxy, client, server) {
    this.#proxy = proxy;
    this.#client = client;
    this.#server = server;
    this.#join('client', client, server);
    this.#join('server', server, client);
  }

  cut() {
    this.#isCut = true;
    this.#client.destroy();
    this.#server.destroy();
  }

  #join(side, from, to) {
    const splitter = new FrameSplitter(side);
    from.setNoDelay(true);
    // The end follows, and both ends are told of that.
    from.on('error', () => {});
    for (const end of ['end', 'close']) from.on(end, () => to.resume().end());
    from.on('data', (chunk) => {
      for (const frame of splitter.push(chunk)) if (!this.#isCut) this.#pass(side, frame);
      if (!this.#isCut) this.#pace(from, to, side === 'client' ? this.#proxy.waitMs(chunk.length) : 0);
    });
  }

  #pass(side, frame) {
    if (side === 'client' && isEncryptionRequest(frame)) this.#client.write('N');
    else if (this.#isLast(side, frame)) this.cut();
    else (side === 'client' ? this.#server : this.#client).write(frame);
  }

  #isLast(side, frame) {
    if (side === 'client') return this.#watch.isQuestion(frame) && this.#proxy.isToCut('question');
    return this.#watch.isAnswer(frame) && this.#proxy.isToCut('answer');
  }

  #pace(from, to, waitMs) {
    if (waitMs < 1 && !to.writableNeedDrain) return;
    from.pause();
    const resume = () => from.resume();
    setTimeout(() => (to.writableNeedDrain ? to.once('drain', resume) : resume()), waitMs);
  }
}
