import { tradeRow } from './trade-row.mjs';

const VENUES = ['Zürich', 'São Paulo', '東京', 'Αθήνα', 'New York'];
const NOTES = ['said "now"', 'path C:\\trades', 'first\nsecond', 'price in €', 'plain'];

const row = (seq) => {
  const { exchange, base, quote, direction, price, volume, timestamp } = tradeRow(seq);
  return {
    exchange,
    timestamp,
    venue: VENUES[seq % VENUES.length],
    note: NOTES[seq % NOTES.length],
    instrument: { base, quote, venue: VENUES[(seq + 2) % VENUES.length] },
    trade: { direction, price, volume, conditions: ['regular', NOTES[(seq + 1) % NOTES.length]] },
    levels: [
      [price, volume],
      [price + 1, 0.5],
    ],
  };
};

/** Rows with objects, arrays, escapes and letters beyond ASCII, about 300 bytes. */
export const nested = {
  columns: {
    exchange: 'text',
    timestamp: 'int8',
    venue: 'text',
    note: 'text',
    instrument: 'jsonb',
    trade: 'jsonb',
    levels: 'jsonb',
  },
  row,
  message: (seq) => JSON.stringify(row(seq)).replaceAll('€', '\\u20ac'),
};
