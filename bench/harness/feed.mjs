import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../../scripts/root.mjs';
import { Child } from './child.mjs';

const SERVER = join(ROOT, 'bench/feed/server.mjs');

/** The feed's process, and what it says. */
export class Feed {
  url = '';
  #child;
  #events = [];
  #waiting = [];

  /**
   * @param {string} shape
   * @param {number} count
   * @returns {Promise<Feed>} when all its frames are built
   */
  static async start(shape, count) {
    const feed = new Feed(new Child(process.execPath, [SERVER, shape, String(count)]));
    feed.url = (await feed.next('ready')).url;
    return feed;
  }

  /** @param {Child} child */
  constructor(child) {
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(JSON.parse(line)));
  }

  /**
   * The next event of a name that nobody took yet.
   *
   * @param {'ready' | 'first' | 'last'} name
   * @returns {Promise<{ atMs: number, path: string, url: string, ticks: [number, number][] }>}
   */
  next(name) {
    const index = this.#events.findIndex(({ event }) => event === name);
    if (index >= 0) return Promise.resolve(this.#events.splice(index, 1)[0]);
    const said = new Promise((resolve) => this.#waiting.push({ name, resolve }));
    return Promise.race([said, this.#child.failure()]);
  }

  /** Forgets what was said of connections that are over. */
  forget() {
    this.#events = [];
    this.#waiting = [];
  }

  stop() {
    return this.#child.end('SIGTERM');
  }

  #take(said) {
    const index = this.#waiting.findIndex(({ name }) => name === said.event);
    if (index < 0) this.#events.push(said);
    else this.#waiting.splice(index, 1)[0].resolve(said);
  }
}
