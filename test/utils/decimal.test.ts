import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExactAsDouble, parseDecimal } from '../../src/utils/decimal.js';

test.each([
  ['0', false, '0', 0],
  ['-0', true, '0', 0],
  ['1.10', false, '110', -2],
  ['-0.0010', true, '10', -4],
  ['1e-05', false, '1', -5],
  ['1.5E+3', false, '15', 2],
  ['007', false, '7', 0],
  ['0.00', false, '0', -2],
])('%s is taken apart with all its digits', (text, negative, ...[digits, exponent]) => {
  expect(parseDecimal(text)).toEqual({ negative, digits, exponent });
});

test.each(['', '-', '+1', '.5', '1.', '1e', '1e+', '0x1', 'NaN', 'Infinity', ' 1', '1 ', '1\n', '١', '1_0'])(
  '%j is no decimal',
  (text) => {
    expect(parseDecimal(text)).toBeUndefined();
    expect(isExactAsDouble(text)).toBe(false);
  },
);

test.each([
  '0',
  '-0',
  '0.1',
  '1.10',
  '63251.0',
  '1e-05',
  '9007199254740992',
  '5e-324',
  '1.7976931348623157e308',
  '1e22',
])('%s is kept by a double', (text) => expect(isExactAsDouble(text)).toBe(true));

test.each([
  '9007199254740993',
  '0.10000000000000000001',
  '1e400',
  '-1e400',
  '1e-400',
  '123456789012345678',
  '1e308000',
])('%s is not kept by a double', (text) => expect(isExactAsDouble(text)).toBe(false));

test('every double written by JavaScript is kept, and with one more unit at the 18th digit it is not', () => {
  const property = fc.property(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: 1, max: 1e15 }),
    (value) => {
      expect(isExactAsDouble(String(value))).toBe(true);
      expect(isExactAsDouble(`${value.toFixed(3)}00000000000000001`)).toBe(false);
    },
  );
  fc.assert(property);
});
