import { TRADE_COLUMNS, tradeRow } from './trade-row.mjs';

const row = (seq) => {
  const trade = tradeRow(seq);
  return { ...trade, volume: Math.ceil(trade.volume), priceUsd: Math.round(trade.priceUsd) };
};

/** The same trades as others write them: numbers with `.0`, the price as text, keys in another order. */
export const restyled = {
  columns: { ...TRADE_COLUMNS, price: 'numeric' },
  /** For `columns:` of the consumer, without which a price in quotes stays text. */
  hints: { price: 'numeric' },
  row,
  message: (seq) => {
    const { timestamp, direction, base, quote, exchange, price, volume, priceUsd } = row(seq);
    return `{"timestamp":${timestamp},"direction":"${direction}","price":"${price}","volume":${volume}.0,"priceUsd":${priceUsd}.0,"base":"${base}","quote":"${quote}","exchange":"${exchange}"}`;
  },
};
