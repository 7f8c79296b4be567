import { appendFileSync, createReadStream } from 'node:fs';
import { between, createRandom, pick } from '../random.mjs';

const BASES = ['bitcoin', 'ethereum', 'solana', 'ripple'];
/** What text may be like, as JSON. */
const NOTES = ['', null, 'Grüße, 東京', 'say "hi"\\N', '\\.', 'tab\tline\n'].map((note) =>
  JSON.stringify(note),
);

/** The keys of a line, each a column. */
export const FILE_COLUMNS = ['seq', 'base', 'price', 'volume', 'note'];

/** A growing NDJSON file of numbered, seeded lines. */
export class NumberedFile {
  /** How many lines it has; they are numbered from 0. */
  lines = 0;
  #path;
  #random;

  /**
   * @param {string} path
   * @param {number} seed
   */
  constructor(path, seed) {
    this.#path = path;
    this.#random = createRandom(seed);
    this.growTo(0);
  }

  get path() {
    return this.#path;
  }

  /**
   * Appends lines. Only while nobody reads: a reader at the end could see a part of a line.
   *
   * @param {number} lines how many there are to be
   */
  growTo(lines) {
    const added = [];
    while (this.lines < lines) {
      added.push(this.#line(this.lines));
      this.lines += 1;
    }
    appendFileSync(this.#path, added.join(''));
  }

  /** @returns {AsyncIterable<Buffer>} all of it */
  read() {
    return createReadStream(this.#path);
  }

  #line(seq) {
    const random = this.#random;
    // Put together from whole numbers, as toFixed takes longer than all else here.
    const price = `${wholeBetween(random, 100, 70_000)}.${wholeBetween(random, 10, 100)}`;
    const volume = `${wholeBetween(random, 0, 10)}.${wholeBetween(random, 1_000, 10_000)}`;
    return `{"seq":${seq},"base":"${pick(random, BASES)}","price":${price},"volume":${volume},"note":${pick(random, NOTES)}}\n`;
  }
}

/**
 * @param {() => number} random
 * @param {number} low
 * @param {number} high not included
 */
function wholeBetween(random, low, high) {
  return Math.floor(between(random, low, high));
}
