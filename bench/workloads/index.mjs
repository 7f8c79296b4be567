import { w3 } from './backlog.mjs';
import { w10 } from './consumers.mjs';
import { w8 } from './latency.mjs';
import { w9 } from './memory.mjs';
import { w6 } from './merge.mjs';
import { w5 } from './parquet-stage.mjs';
import { w12 } from './poison.mjs';
import { w4 } from './receive.mjs';
import { w7 } from './shapes.mjs';
import { w11 } from './start.mjs';
import { w1, w2 } from './stream.mjs';

/**
 * @typedef {object} Workload
 * @property {string} id
 * @property {string} title
 * @property {(bench: import('../harness/bench.mjs').Bench) => Promise<Outcome>} run
 */

/**
 * @typedef {object} Outcome
 * @property {Record<string, import('../harness/rounds.mjs').Sample[]>} series what each contender took, round by round
 * @property {import('../harness/figure.mjs').Figure[]} figures
 */

/** @type {readonly Workload[]} */
export const WORKLOADS = [w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12];
