import { TRADE_COLUMNS, tradeRow } from './trade-row.mjs';

/** Trades of eight fields, about 150 bytes, always in the same order. */
export const plain = {
  columns: TRADE_COLUMNS,
  row: tradeRow,
  message: (seq) => JSON.stringify(tradeRow(seq)),
};
