import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRfc3339 } from '../../src/utils/rfc3339.js';
import { shortInstant } from '../../src/utils/short-instant.js';

function short(text: string): number {
  const bytes = Buffer.from(`"${text}"`);
  return shortInstant(bytes, 1, bytes.length - 1);
}

const digits = (length: number) =>
  fc.integer({ min: 0, max: 10 ** length - 1 }).map((n) => String(n).padStart(length, '0'));
const two = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 31 }).map((n) => String(n).padStart(2, '0')), weight: 9 },
  digits(2),
);
const offset = fc.oneof(
  fc.constantFrom('Z', 'z', '', '+0000', ' UTC'),
  fc.tuple(fc.constantFrom('+', '-', ' '), two, two).map(([sign, h, m]) => `${sign}${h}:${m}`),
);
const fraction = fc.oneof(
  fc.constant(''),
  fc.string({ maxLength: 2 }),
  fc
    .integer({ min: 1, max: 7 })
    .chain(digits)
    .map((f) => `.${f}`),
);
const instant = fc
  .tuple(
    fc.oneof(digits(4), fc.integer({ min: 1700, max: 2250 }).map(String)),
    two,
    two,
    fc.constantFrom('T', 't', ' ', 'x'),
    two,
    two,
    two,
    fraction,
    offset,
  )
  .map(([y, mo, d, t, h, mi, s, f, o]) => `${y}-${mo}-${d}${t}${h}:${mi}:${s}${f}${o}`);

test('an instant from bytes is the one from text, or none', () => {
  fc.assert(
    fc.property(instant, (text) => {
      const got = short(text);
      if (!Number.isNaN(got)) expect(BigInt(got)).toBe(parseRfc3339(text));
      else if (/^(1[7-9]|2[01])/.test(text)) expect(parseRfc3339(text)).toBeUndefined();
    }),
    { numRuns: 20_000 },
  );
});

test('every day from 1700 to 2250 has its own number', () => {
  const [first, last] = ['1700-01-01', '2250-12-31'].map((date) => Date.parse(date) / 86_400_000) as [
    number,
    number,
  ];
  for (let day = first; day <= last; day++) {
    const text = new Date(day * 86_400_000).toISOString();
    if (short(text) !== day * 86_400_000_000) expect.fail(text);
  }
});

test.each(['1699-12-31T23:59:59.999999Z', '2251-01-01T00:00:00Z', '1600-01-01T00:00:00.000001Z'])(
  'the microseconds of %s are left to bigint',
  (text) => {
    expect(short(text)).toBeNaN();
  },
);
