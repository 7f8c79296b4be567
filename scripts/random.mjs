/**
 * A seeded stream of numbers in [0, 1): mulberry32 (T. Ettinger, public domain), a counter of 32 bits whose every value is
 * mixed by two multiplications. The same seed gives the same numbers on every machine.
 *
 * @param {number} seed of which 32 bits count
 * @returns {() => number}
 */
export function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * @param {() => number} random
 * @param {number} low
 * @param {number} high not included
 */
export function between(random, low, high) {
  return low + random() * (high - low);
}

/**
 * @template T
 * @param {() => number} random
 * @param {readonly T[]} values
 * @returns {T}
 */
export function pick(random, values) {
  return values[Math.floor(random() * values.length)];
}
