import { TRADE_COLUMNS, tradeRow } from './trade-row.mjs';

/** A prime, so that it has no divisor in common with the counts that are used. */
const STRIDE = 7919;

/** Trades with a key; `count` of them have the keys below `count`, each once, well mixed. */
export const keyed = {
  columns: { id: 'int8', ...TRADE_COLUMNS },
  row: (seq, count) => ({ id: (seq * STRIDE) % count, ...tradeRow(seq) }),
  message: (seq, count) => JSON.stringify(keyed.row(seq, count)),
};
