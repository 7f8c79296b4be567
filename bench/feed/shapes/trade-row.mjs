import { mix, round } from '../random.mjs';

const SEED = 7;
const PAIRS = [
  ['bitcoin', 'tether', 63_251],
  ['ethereum', 'tether', 2_614],
  ['solana', 'usd-coin', 151],
  ['ripple', 'tether', 0.5183],
];
const EXCHANGES = ['binance', 'huobi', 'kraken', 'coinbase'];
const FIRST_TIMESTAMP_MS = 1_571_254_800_123;

export const TRADE_COLUMNS = {
  exchange: 'text',
  base: 'text',
  quote: 'text',
  direction: 'text',
  price: 'float8',
  volume: 'float8',
  timestamp: 'int8',
  priceUsd: 'float8',
};

/**
 * Trade number `seq`, a function of that alone.
 *
 * @param {number} seq
 */
export function tradeRow(seq) {
  const random = mix(SEED, seq);
  const [base, quote, level] = PAIRS[random % PAIRS.length];
  const price = round(level * (1 + ((random >>> 8) % 10_000) / 100_000), level < 1 ? 6 : 2);
  return {
    exchange: EXCHANGES[(random >>> 3) % EXCHANGES.length],
    base,
    quote,
    direction: random & 4 ? 'buy' : 'sell',
    price,
    volume: round((((random >>> 4) % 100_000) + 1) / 10_000, 4),
    timestamp: FIRST_TIMESTAMP_MS + seq,
    priceUsd: price,
  };
}
