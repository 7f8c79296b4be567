import { mix, round } from '../random.mjs';
import { TRADE_COLUMNS, tradeRow } from './trade-row.mjs';

const SEED = 11;
const WORDS = ['limit', 'market', 'iceberg', 'post-only', 'fill-or-kill', 'stop'];

/** Four kinds of further fields, eight of each, so that there are 40 with those of a trade. */
const KINDS = [
  { prefix: 'count', type: 'int8', value: (random) => random % 1_000_003 },
  { prefix: 'level', type: 'float8', value: (random) => round(random / 65_536, 3) },
  { prefix: 'label', type: 'text', value: (random) => WORDS[random % WORDS.length] },
  { prefix: 'flag', type: 'bool', value: (random) => (random & 1) === 1 },
];
const FIELDS = Array.from({ length: 32 }, (_, index) => {
  const kind = KINDS[index % KINDS.length];
  return { ...kind, name: `${kind.prefix}${Math.floor(index / KINDS.length)}`, index };
});

const row = (seq) => {
  const more = FIELDS.map(({ name, value, index }) => [name, value(mix(SEED + index, seq))]);
  return { ...tradeRow(seq), ...Object.fromEntries(more) };
};

/** Rows of 40 fields, about 690 bytes. */
export const wide = {
  columns: { ...TRADE_COLUMNS, ...Object.fromEntries(FIELDS.map(({ name, type }) => [name, type])) },
  row,
  message: (seq) => JSON.stringify(row(seq)),
};
