const PAIRS = [
  ['bitcoin', 'tether', 63_251],
  ['ethereum', 'tether', 2_614],
  ['solana', 'usd-coin', 151],
  ['ripple', 'tether', 0.5183],
] as const;
const FIRST_TIMESTAMP_MS = 1_571_254_800_123;

/**
 * Trade number `seq` of an exchange as JSON of about 165 bytes: a function of its arguments alone, so that whoever
 * knows the seed can tell what was sent.
 */
function tradeMessage(seed: number, exchange: string, seq: number): string {
  const random = mix(seed, seq);
  const [base, quote, level] = PAIRS[random % PAIRS.length] as (typeof PAIRS)[number];
  const price = round(level * (1 + ((random >>> 8) % 10_000) / 100_000), 2 + (level < 1 ? 4 : 0));
  const volume = round((((random >>> 4) % 100_000) + 1) / 10_000, 4);
  const direction = random & 4 ? 'buy' : 'sell';
  const timestamp = FIRST_TIMESTAMP_MS + seq;
  return `{"seq":${seq},"exchange":"${exchange}","base":"${base}","quote":"${quote}","direction":"${direction}","price":${price},"volume":${volume},"timestamp":${timestamp},"priceUsd":${price}}`;
}

/** Endless trades of an exchange, numbered from 0. */
export function* trades(seed: number, exchange: string): Generator<string> {
  for (let seq = 0; ; seq++) yield tradeMessage(seed, exchange, seq);
}

/** Mixes two integers into 32 bits; the finalizer of MurmurHash3 (A. Appleby, public domain). */
function mix(seed: number, seq: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ seq;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
