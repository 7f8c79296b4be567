/** A seeded stream of numbers in [0, 1): the same seed gives the same test. */
export { between, createRandom, pick } from '../../scripts/random.mjs';
