import { SHAPES } from '../feed/shapes/index.mjs';
import { loadingRunners, loadRound } from '../harness/load-round.mjs';

export const TABLE = 'trades';

/**
 * @typedef {object} Loading
 * @property {import('../harness/feed.mjs').Feed} feed
 * @property {string} shape
 * @property {number} count
 * @property {number} size messages a batch
 * @property {Record<string, unknown>} [producer] further keys
 * @property {() => Promise<void>} [prepare] makes the table for a round; default: an empty one
 * @property {() => Promise<void>} check that the table is as it has to be
 */

/**
 * The contender of most workloads: a feed through a stage into a table, whose contents are checked after each round.
 *
 * @param {import('../harness/bench.mjs').Bench} bench
 * @param {Loading} loading
 * @returns {() => Promise<import('../harness/rounds.mjs').Sample>}
 */
export function loader(bench, loading) {
  const { feed, shape, count, size, producer, check } = loading;
  const { columns, hints } = SHAPES[shape];
  const { prepare = () => bench.database.createTable(TABLE, columns) } = loading;
  const consumer = { table: TABLE, ...(hints && { columns: hints }) };
  const uri = `${feed.url}/${shape}?count=${count}`;
  const runners = loadingRunners({ uri, size, consumer, producer });
  return async () => {
    await bench.database.reset([]);
    await prepare();
    const sample = await loadRound(bench, { feed, runners, messages: count });
    await check();
    return sample;
  };
}
