import { parseArgs } from 'node:util';

export const USAGE = `npm run demo                 loads two feeds into PostgreSQL for 8 seconds and shows the rows
npm run demo -- --chaos      kills socket-el, its connection and its database for a minute, and counts what is lost
      --seconds N            so long instead, 10 to 600
      --seed N               another schedule and other rows; default 1`;

/** In a longer time stages are pruned, and what they held is to be compared. */
const SECONDS = { least: 10, most: 600 };
const SEEDS = { least: 0, most: 999_999_999 };
const DEFAULTS = { seconds: '60', seed: '1' };

/**
 * @param {readonly string[]} args
 * @returns {{ isChaos: boolean, seconds: number, seed: number }}
 * @throws with what is wrong in one sentence
 */
export function readOptions(args) {
  const options = {
    chaos: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    seed: { type: 'string' },
  };
  const { values } = parseArgs({ args, options });
  const given = ['seconds', 'seed'].find((name) => values[name] !== undefined);
  if (given !== undefined && !values.chaos) throw new Error(`--${given}: expected beside --chaos`);
  const { seconds, seed } = { ...DEFAULTS, ...values };
  return {
    isChaos: values.chaos,
    seconds: wholeNumber('--seconds', seconds, SECONDS),
    seed: wholeNumber('--seed', seed, SEEDS),
  };
}

/**
 * @param {string} option
 * @param {string} text
 * @param {{ least: number, most: number }} range
 */
function wholeNumber(option, text, { least, most }) {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`${option}: expected a whole number from ${least} to ${most}, got "${text}"`);
}
