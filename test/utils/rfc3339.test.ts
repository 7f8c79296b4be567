import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRfc3339 } from '../../src/utils/rfc3339.js';

const us = (iso: string, more = 0n) => BigInt(Date.parse(iso)) * 1000n + more;

test.each([
  ['2024-02-29T00:00:00Z', us('2024-02-29T00:00:00Z')],
  ['2000-02-29T23:59:59.999999Z', us('2000-02-29T23:59:59.999Z', 999n)],
  ['1969-12-31T23:59:59.999999Z', -1n],
  ['1970-01-01T00:00:00.1Z', 100_000n],
  ['1970-01-01T05:30:00+05:30', 0n],
  ['1969-12-31T16:00:00-08:00', 0n],
  ['1970-01-01T00:00:00-00:00', 0n],
  ['1970-01-01 00:00:00z', 0n],
  ['1970-01-01t00:00:00Z', 0n],
  ['0000-01-01T00:00:00Z', us('0000-01-01T00:00:00Z')],
  ['0099-06-15T00:00:00Z', us('0099-06-15T00:00:00Z')],
  ['9999-12-31T23:59:59.999999Z', us('9999-12-31T23:59:59.999Z', 999n)],
])('%s is %d microseconds', (text, expected) => {
  expect(parseRfc3339(text)).toBe(expected);
});

test.each([
  '2023-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '2024-02-30T00:00:00Z',
  '2024-06-31T00:00:00Z',
  '2024-00-01T00:00:00Z',
  '2024-13-01T00:00:00Z',
  '2024-01-00T00:00:00Z',
  '2024-01-32T00:00:00Z',
  '2024-01-01T24:00:00Z',
  '2024-01-01T00:60:00Z',
  '2016-12-31T23:59:60Z',
  '2024-01-01T00:00:00.0000001Z',
  '2024-01-01T00:00:00,5Z',
  '2024-01-01T00:00:00',
  '2024-01-01T00:00:00+24:00',
  '2024-01-01T00:00:00+00:60',
  '2024-01-01T00:00:00+0000',
  '2024-01-01T00:00:00 UTC',
  '2024-1-1T00:00:00Z',
  '10000-01-01T00:00:00Z',
  '-0001-01-01T00:00:00Z',
  '2024-01-01T00:00:00Z\n',
  '٢٠٢٤-01-01T00:00:00Z',
  '',
])('%j is no instant', (text) => {
  expect(parseRfc3339(text)).toBeUndefined();
});

test('any instant in any offset is the one that was written', () => {
  const anyDate = fc.date({ min: new Date('0001-01-01'), max: new Date('9998-12-31'), noInvalidDate: true });
  const anyOffset = fc.integer({ min: -(23 * 60 + 59), max: 23 * 60 + 59 });
  const property = fc.property(anyDate, anyOffset, fc.nat(999), (date, minutes, micros) => {
    const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, 23);
    fc.pre(/^\d{4}-/.test(local));
    const size = Math.abs(minutes);
    const two = (number: number) => String(number).padStart(2, '0');
    const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
    const text = `${local}${String(micros).padStart(3, '0')}${offset}`;
    expect(parseRfc3339(text)).toBe(BigInt(date.getTime()) * 1000n + BigInt(micros));
  });
  fc.assert(property, { numRuns: 1000 });
});
