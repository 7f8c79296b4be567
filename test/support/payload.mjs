// What the feed sends and what the table must then hold, both as functions of (seed, seq). Plain JavaScript because
// the feed's own process loads it without a build.

const NOTES = [
  null,
  '',
  'null',
  '63251.0',
  'say "hi" to C:\\new\\table',
  '\\.',
  '\\N',
  'tab\tline\nreturn\rbell\u0007 end',
  'Grüße, 東京, Ω, 🚀👩‍🚀',
  'line\u2028paragraph\u2029end\u00a0',
  'x'.repeat(300),
  '{"not":"parsed"}, \'; DROP TABLE x; --',
];
const EXCHANGES = ['binance', 'huobi', 'kraken', 'coinbase'];
const BASES = ['bitcoin', 'ethereum', 'größe-coin', 'xrp'];
const FIRST_TRADE_ID = 9_007_199_254_740_993n;

/** The columns of the table that the messages make, with PostgreSQL's names for their types. */
export const PAYLOAD_COLUMNS = {
  seq: 'bigint',
  exchange: 'text',
  base: 'text',
  direction: 'text',
  maker: 'boolean',
  price: 'double precision',
  volume: 'double precision',
  priceUsd: 'double precision',
  trade_id: 'bigint',
  timestamp: 'bigint',
  note: 'text',
};

function hash(seed, seq, salt) {
  let mixed =
    Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(seq + 1, 0xc2b2ae35) ^ Math.imul(salt, 0x27d4eb2f);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function noteOf(seed, seq) {
  const number = hash(seed, seq, 4);
  return number % 4 > 0 ? `trade ${seq}` : NOTES[(number >>> 2) % NOTES.length];
}

/** The row of message `seq` as node-postgres returns it: bigint as text, double precision as number. */
export function expectedRow(seed, seq) {
  const priceHash = hash(seed, seq, 1);
  return {
    seq: String(seq),
    exchange: EXCHANGES[priceHash & 3],
    base: BASES[(priceHash >>> 2) & 3],
    direction: priceHash & 16 ? 'buy' : 'sell',
    maker: (priceHash & 32) !== 0,
    price: ((priceHash % 9_000_000) + 101) / 100,
    volume: (hash(seed, seq, 2) % 1_000_000) / 100_000_000,
    priceUsd: (hash(seed, seq, 3) % 1_000_003) / 7,
    trade_id: String(FIRST_TRADE_ID + BigInt(seq)),
    timestamp: String(1_700_000_000_000 + seq),
    note: noteOf(seed, seq),
  };
}

const escapeNonAscii = (json) =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function members(row) {
  return Object.entries(row).map(([name, value]) => {
    const isInteger = PAYLOAD_COLUMNS[name] === 'bigint';
    return [JSON.stringify(name), isInteger ? value : JSON.stringify(value)];
  });
}

/** The text of message `seq`: mostly compact, sometimes with other order, white space or escapes, never another value. */
export function messageText(seed, seq) {
  const parts = members(expectedRow(seed, seq));
  switch (hash(seed, seq, 5) % 64) {
    case 0:
      return `{${parts
        .reverse()
        .map((part) => part.join(':'))
        .join(',')}}`;
    case 1:
      return `{\n  ${parts.map((part) => part.join(' :\t')).join(',\r\n  ')}\n}`;
    case 2:
      return escapeNonAscii(`{${parts.map((part) => part.join(':')).join(',')}}`);
    default:
      return `{${parts.map((part) => part.join(':')).join(',')}}`;
  }
}
