import { A, DEAD, type Drift, drifts, fits, unfit, V } from './drift.js';

const NUMERIC = { v: 'numeric' };
const instant = (time: string) => `{"v":"2024-02-29T${time}+00:00","k":1}`;

const KEYS_AND_NULLS: readonly Drift[] = [
  {
    title: 'a new key',
    before: A,
    after: [drifts('{"a":2,"b":"x"}', '{"a":2,"b":"x"}', '{"a":2}'), fits('{"a":3}')],
    types: { b: 'text' },
  },
  { title: 'a missing key', before: ['{"a":1,"b":2}'], after: [fits('{"a":2}'), fits('{"b":3}')] },
  {
    title: 'null, then a value',
    before: ['{"a":1,"n":null}'],
    after: [drifts('{"a":2,"n":true}', '{"a":2,"n":true}', '{"a":2}'), fits('{"n":null}', '{}')],
    types: { n: 'boolean' },
  },
  {
    title: 'a value, then null in a new key and in an old one',
    before: A,
    after: [fits('{"a":null,"z":null}', '{}')],
  },
  {
    title: 'keys in another order',
    before: ['{"a":1,"b":2}'],
    after: [fits('{"b":3,"a":4}', '{"a":4,"b":3}')],
  },
  {
    title: 'a new key, a missing one and another type at once',
    before: ['{"a":1,"b":1,"c":1}'],
    after: [drifts('{"d":2,"b":"x","c":3}', '{"c":3,"d":2,"_rest":{"b":"x"}}', '{"c":3}')],
    types: { d: 'bigint' },
  },
  {
    title: 'new keys that are seen with several kinds of values',
    before: A,
    after: [
      drifts('{"m":1,"n":1,"s":"x"}', '{"m":1,"n":1,"s":"x"}'),
      drifts('{"m":"x","n":0.5,"s":"y"}', '{"m":"x","n":0.5,"s":"y"}'),
    ],
    types: { m: 'jsonb', n: 'double precision', s: 'text' },
  },
];

const NUMBERS: readonly Drift[] = [
  {
    title: 'an integer, then a fraction',
    before: V('9223372036854775807'),
    after: [drifts('{"v":1.25,"k":1}', '{"v":1.25,"k":1}', '{"k":1}'), fits('{"v":2}')],
    types: NUMERIC,
  },
  {
    title: 'an integer, then the same as a fraction and with an exponent',
    before: V('1'),
    after: [
      drifts('{"v":2.0,"k":1}', '{"v":2.0,"k":1}', '{"k":1}'),
      drifts('{"v":3e2,"k":2}', '{"v":300,"k":2}', '{"k":2}'),
    ],
    types: NUMERIC,
  },
  {
    title: 'an integer, then one of 20 digits',
    before: V('1'),
    after: [
      drifts('{"v":12345678901234567890,"k":1}', '{"v":12345678901234567890,"k":1}', '{"k":1}'),
      drifts('{"v":9223372036854775808}', '{"v":9223372036854775808}'),
    ],
    types: NUMERIC,
  },
  {
    title: 'a fraction, then an integer',
    before: V('0.5'),
    after: [fits('{"v":2}'), fits('{"v":-0.0}', '{"v":-0}')],
  },
  {
    title: 'a fraction, then more digits than float8 keeps',
    before: ['{"v":0.30000000000000004,"k":0}', '{"v":1.7976931348623157,"k":0}'],
    after: [
      drifts('{"v":0.123456789012345678,"k":1}', '{"v":0.123456789012345678,"k":1}', '{"k":1}'),
      drifts('{"v":9007199254740993}', '{"v":9007199254740993}'),
    ],
    types: NUMERIC,
  },
  {
    title: 'a fraction, then a number beyond float8',
    before: V('0.5'),
    after: [drifts('{"v":1e400,"k":1}', `{"v":1${'0'.repeat(400)},"k":1}`, '{"k":1}')],
    types: NUMERIC,
  },
  {
    title: 'an integer, then text',
    before: V('1'),
    after: [unfit('"x"'), unfit('"007"'), fits('{"v":"8"}', '{"v":8}')],
  },
  {
    title: 'text of a number in a numeric column',
    before: V('12345678901234567890'),
    after: [fits('{"v":"1.10"}', '{"v":1.10}'), unfit('"01.1"'), unfit('"1e5"'), fits('{"v":1.10}')],
  },
  {
    title: 'text of a number in a float8 column',
    before: V('0.5'),
    after: [unfit('"1.10"'), fits('{"v":"2.5"}', '{"v":2.5}'), unfit('"NaN"'), unfit('"Infinity"')],
  },
  { title: 'an integer, then true', before: V('1'), after: [unfit('true')] },
  { title: 'an integer, then an object', before: V('1'), after: [unfit('{"x":1.10}'), unfit('{}')] },
  { title: 'an integer, then an array', before: V('1'), after: [unfit('[1,2]'), unfit('[]')] },
];

const TEXTS_AND_STRUCTURES: readonly Drift[] = [
  { title: 'text, then an integer', before: V('"x"'), after: [fits('{"v":5}', '{"v":"5"}')] },
  { title: 'text, then a fraction', before: V('"x"'), after: [fits('{"v":1.10}', '{"v":"1.10"}')] },
  { title: 'text, then true', before: V('"x"'), after: [fits('{"v":true}', '{"v":"true"}')] },
  {
    title: 'text, then an object and an array',
    before: V('"x"'),
    after: [fits('{"v":{"y":1.0}}', '{"v":"{\\"y\\":1.0}"}'), fits('{"v":[1]}', '{"v":"[1]"}')],
  },
  {
    title: 'text, then text with U+0000',
    before: V('"x"'),
    after: [drifts('{"v":"a\\u0000b","k":1}', DEAD, '{"k":1}'), fits('{"v":"a\\\\u0000b"}')],
  },
  { title: 'true, then text', before: V('true'), after: [unfit('"x"'), unfit('"true"')] },
  { title: 'true, then a number', before: V('true'), after: [unfit('1'), unfit('0.5')] },
  {
    title: 'an object, then an array',
    before: V('{"x": 1}'),
    after: [fits('{"v":[1,2]}'), fits('{"v":[]}')],
  },
  {
    title: 'an object, then scalars',
    before: V('{"x": 1}'),
    after: [fits('{"v":"x"}'), fits('{"v":12345678901234567890}'), fits('{"v":1.10}'), fits('{"v":false}')],
  },
  { title: 'an array, then scalars', before: V('[1]'), after: [fits('{"v":1}'), fits('{"v":"1"}')] },
  {
    title: 'a drift inside of an object',
    before: V('{"x": 1}'),
    after: [fits('{"v":{"X":[1.10],"x":"one"}}'), drifts('{"v":{"x":"\\u0000"},"k":1}', DEAD, '{"k":1}')],
  },
  {
    title: 'an instant, then other text',
    before: V('"2024-02-29T12:00:00Z"'),
    after: [
      unfit('"soon"'),
      unfit('"2024-02-29"'),
      unfit('"2024-02-29T12:00:00"'),
      unfit('"2024-02-29T12:00:60Z"'),
      unfit('"2024-02-29T12:00:00.1234567Z"'),
      fits('{"v":"2024-02-29T12:00:00.123456+02:00","k":1}', instant('10:00:00.123456')),
    ],
  },
  { title: 'an instant, then a number', before: V('"2024-02-29T12:00:00Z"'), after: [unfit('1709208000')] },
  {
    title: 'text, then instants',
    before: V('"soon"'),
    after: [fits('{"v":"2024-02-29T12:00:00Z"}'), fits('{"v":"2024-02-29"}')],
  },
];

/** Drifts of keys and values. */
export const VALUE_DRIFTS: readonly Drift[] = [...KEYS_AND_NULLS, ...NUMBERS, ...TEXTS_AND_STRUCTURES];
