import { SHAPES } from '../feed/shapes/index.mjs';
import { loadingRunners, loadRound } from '../harness/load-round.mjs';

const TABLE = 'trades';

/**
 * The contender of most workloads: a feed through a stage into a table, whose contents are checked after each round.
 *
 * @param {import('../harness/bench.mjs').Bench} bench
 * @param {object} given
 * @param {import('../harness/feed.mjs').Feed} given.feed
 * @param {string} given.shape
 * @param {number} given.count
 * @param {number} given.size messages a batch
 * @param {string} given.fingerprint of the table as it has to be
 * @returns {() => Promise<import('../harness/rounds.mjs').Sample>}
 */
export function loader(bench, { feed, shape, count, size, fingerprint }) {
  const { columns, hints } = SHAPES[shape];
  const consumer = { table: TABLE, ...(hints && { columns: hints }) };
  const uri = `${feed.url}/${shape}?count=${count}`;
  const runners = loadingRunners({ uri, size, consumer });
  return async () => {
    await bench.database.createTable(TABLE, columns);
    await bench.database.reset([TABLE]);
    const sample = await loadRound(bench, { feed, runners, messages: count });
    await bench.database.assertFingerprint(TABLE, fingerprint);
    return sample;
  };
}
