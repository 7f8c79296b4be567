import { Feed } from './feed.mjs';
import { writeFinishedFiles } from './finished-files.mjs';
import { alternate } from './rounds.mjs';
import { createTempFolder } from './temp-folder.mjs';

/** What every workload gets: the database, the sizes asked for, and what is made for it. */
export class Bench {
  #scratch = createTempFolder();

  /**
   * @param {object} given
   * @param {import('./database.mjs').Database} given.database
   * @param {{ rows: number, rounds: number }} given.options
   * @param {(line: string) => void} given.log
   */
  constructor({ database, options, log }) {
    this.database = database;
    this.options = options;
    this.log = log;
  }

  /** A folder for files of the whole bench. */
  get folder() {
    return this.#scratch.path;
  }

  /**
   * @template T
   * @param {{ shape: string, count: number }} what
   * @param {(feed: Feed) => Promise<T>} during
   * @returns {Promise<T>}
   */
  async withFeed({ shape, count }, during) {
    const feed = await Feed.start(shape, count);
    try {
      return await during(feed);
    } finally {
      await feed.stop();
    }
  }

  /** @param {{ shape: string, count: number }} what */
  files(what) {
    return writeFinishedFiles(this.database, this.folder, what);
  }

  /**
   * @param {Record<string, () => Promise<import('./rounds.mjs').Sample>>} contenders
   * @param {number} [rounds]
   */
  alternate(contenders, rounds = this.options.rounds) {
    return alternate(contenders, { rounds, log: this.log });
  }

  close() {
    this.#scratch.remove();
  }
}
