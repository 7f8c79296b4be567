import { mix } from '../random.mjs';
import { TRADE_COLUMNS, tradeRow } from './trade-row.mjs';

const SEED = 13;
const OPTIONAL = {
  fee: { type: 'float8', value: (random) => (random % 1000) / 8 },
  maker: { type: 'bool', value: (random) => (random & 1) === 1 },
  order: { type: 'int8', value: (random) => random },
  tag: { type: 'text', value: (random) => `tag-${random % 17}` },
};
const ORDERS = 6;

/** Each of the optional keys is there in every other row, independently of the others. */
const row = (seq) => {
  const random = mix(SEED, seq);
  const present = Object.entries(OPTIONAL).filter((_, index) => (random >>> (20 + index)) & 1);
  return { ...tradeRow(seq), ...Object.fromEntries(present.map(([key, { value }]) => [key, value(random)])) };
};

/** Trades with up to four further keys, which begin at another key from row to row. */
export const varying = {
  columns: {
    ...TRADE_COLUMNS,
    ...Object.fromEntries(Object.entries(OPTIONAL).map(([key, { type }]) => [key, type])),
  },
  row,
  message: (seq) => {
    const entries = Object.entries(row(seq));
    const first = mix(SEED + 1, seq) % ORDERS;
    return JSON.stringify(Object.fromEntries([...entries.slice(first), ...entries.slice(0, first)]));
  },
};
