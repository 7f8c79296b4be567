import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JSON_KIND } from '../../../src/utils/json/json-kind.js';
import { scalarValue, stringText } from '../../../src/utils/json/json-text.js';

const span = (kind: number, text: string) => ({
  kind: kind as 0,
  start: 3,
  stop: 3 + Buffer.byteLength(text),
  escaped: text.includes('\\'),
});
const within = (text: string) => Buffer.from(`[1,${text},2]`);

test('the text of a string is that of JSON.parse, with and without escapes, wherever its bytes lie', () => {
  const property = fc.property(fc.string({ unit: 'grapheme' }), (text) => {
    const json = JSON.stringify(text);
    const { start, stop, escaped } = span(JSON_KIND.string, json);
    expect(stringText(within(json), start, stop, escaped)).toBe(text);
  });
  fc.assert(property);
});

test.each([
  [JSON_KIND.null, 'null', null],
  [JSON_KIND.true, 'true', true],
  [JSON_KIND.false, 'false', false],
  [JSON_KIND.number, '-1.5e3', -1500],
  [JSON_KIND.string, '"a\\u00e9"', 'aé'],
  [JSON_KIND.object, '{}', undefined],
  [JSON_KIND.array, '[]', undefined],
])('kind %d of %s is the value that JSON.parse gives', (kind, text, value) => {
  expect(scalarValue(within(text), span(kind, text))).toBe(value);
});
