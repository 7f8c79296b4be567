import { between, createRandom, pick } from '../random.mjs';

/** The lives of a process. Some are short, some end just after the file was begun to be read, which takes only a moment. */
const LONG = { ms: [2_500, 6_500] };
const SHORT = { ms: [300, 1_500] };
const READING = { ms: [300, 300], readMs: [0, 100] };
const LIVES = [LONG, LONG, LONG, SHORT, READING];
const CUT_EVERY_MS = [2_500, 6_500];
const CUT_PLACES = ['answer', 'answer', 'question'];
/** Shares of the whole time, so that a short run has a crash too. */
const CRASH_EVERY = [0.3, 0.5];
const DOWN_MS = [100, 1_500];

/**
 * @typedef {object} Plan what is done when, in milliseconds
 * @property {number} seed
 * @property {number} durationMs
 * @property {readonly Life[]} lives of the process, each ended by SIGKILL; more than there is time for
 * @property {readonly { atMs: number, at: CutPlace }[]} cuts of the connection, at the first COMMIT of a load after `atMs`
 * @property {readonly { atMs: number, downMs: number }[]} crashes of the database, and how long it stays away
 */

/** @typedef {{ lifeMs: number, readMs?: number }} Life `readMs`: it ends when it has read the file for so long */

/** @typedef {'question' | 'answer'} CutPlace before the server has read COMMIT, or when it has done it and says so */

/**
 * The whole disturbance, a function of its arguments alone. Each kind draws from numbers of its own.
 *
 * @param {number} seed
 * @param {number} seconds
 * @returns {Plan}
 */
export function planChaos(seed, seconds) {
  const durationMs = seconds * 1000;
  const [forLives, forCuts, forCrashes] = [1, 2, 3].map((stream) => createRandom(seed * 4 + stream));
  const crashEveryMs = CRASH_EVERY.map((share) => share * durationMs);
  return {
    seed,
    durationMs,
    lives: Array.from({ length: durationMs / SHORT.ms[0] }, () => nextLife(forLives)),
    cuts: times(durationMs, () => between(forCuts, ...CUT_EVERY_MS)).map((atMs) => ({
      atMs,
      at: pick(forCuts, CUT_PLACES),
    })),
    crashes: times(durationMs, () => between(forCrashes, ...crashEveryMs)).map((atMs) => ({
      atMs,
      downMs: between(forCrashes, ...DOWN_MS),
    })),
  };
}

/** @param {() => number} random */
function nextLife(random) {
  const { ms, readMs } = pick(random, LIVES);
  return { lifeMs: between(random, ...ms), ...(readMs && { readMs: between(random, ...readMs) }) };
}

/**
 * @param {number} endMs
 * @param {() => number} nextWaitMs
 */
function times(endMs, nextWaitMs) {
  const all = [];
  for (let atMs = nextWaitMs(); atMs < endMs; atMs += nextWaitMs()) all.push(atMs);
  return all;
}
