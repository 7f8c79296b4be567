import { keyed } from './keyed.mjs';
import { nested } from './nested.mjs';
import { plain } from './plain.mjs';
import { poisoned } from './poisoned.mjs';
import { restyled } from './restyled.mjs';
import { varying } from './varying.mjs';
import { wide } from './wide.mjs';

/**
 * @typedef {object} Shape a form that rows have
 * @property {Record<string, string>} columns types of PostgreSQL by name, in the order of the table
 * @property {Record<string, string>} [hints] what a consumer needs to be told under `columns:`
 * @property {(seq: number, count: number) => Record<string, unknown>} row number `seq` of `count`; a key without a value is absent
 * @property {(seq: number, count: number) => string} message the JSON of that row, as the feed sends it
 */

/** @type {Record<string, Shape>} */
export const SHAPES = { plain, restyled, wide, nested, varying, keyed, poisoned };
