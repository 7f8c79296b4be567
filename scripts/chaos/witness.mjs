import { wholeLines } from './stage-lines.mjs';

const NUMBER = /"seq":(\d+)/g;

/**
 * Remembers what stood in a stage when its writer was killed. All of that is owed to the table, whatever the stage says
 * later.
 */
export class Witness {
  /** The lines, as they stood there. @type {Buffer[]} */
  lines = [];
  /** The numbers of the messages, as stretches without a hole. @type {{ from: number, to: number }[]} */
  stretches = [];
  #stage;
  #seen = new Set();

  /** @param {string} stage its folder */
  constructor(stage) {
    this.#stage = stage;
  }

  /**
   * Looks, while there is no writer. A segment gets no more messages once its writer is dead, so it is looked at once.
   *
   * @returns {number} how many messages stood there that did not at the look before
   */
  look() {
    const segments = ['data', 'open'].flatMap((folder) => wholeLines(this.#stage, folder));
    const fresh = segments.filter(({ name }) => !this.#seen.has(name));
    for (const { name } of fresh) this.#seen.add(name);
    this.lines.push(...fresh.map(({ lines }) => lines));
    const found = fresh.flatMap(({ lines }) => stretchesOf(numbersIn(lines)));
    this.stretches.push(...found);
    return found.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  }
}

/** @param {Buffer} lines */
function numbersIn(lines) {
  return Array.from(lines.toString('latin1').matchAll(NUMBER), ([, digits]) => Number(digits));
}

/**
 * @param {readonly number[]} numbers ascending
 * @returns {{ from: number, to: number }[]} both included
 */
function stretchesOf(numbers) {
  const stretches = [];
  for (const number of numbers) {
    const last = stretches.at(-1);
    if (last !== undefined && number === last.to + 1) last.to = number;
    else stretches.push({ from: number, to: number });
  }
  return stretches;
}
