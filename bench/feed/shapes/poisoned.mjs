import { TRADE_COLUMNS, tradeRow } from './trade-row.mjs';

/** One row in so many is one that the table refuses. */
export const POISON_EVERY = 10_000;
const POISON_AT = 6_173;

const row = (seq) => (seq % POISON_EVERY === POISON_AT ? { ...tradeRow(seq), volume: -1 } : tradeRow(seq));

/** Trades, of which one in 10,000 has a negative volume. */
export const poisoned = {
  columns: TRADE_COLUMNS,
  row,
  message: (seq) => JSON.stringify(row(seq)),
};
