import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Outcome, REFUSED, TypedTable } from './typed-table.js';

type Cases = readonly (readonly [json: string, expected: Outcome])[];

/** Each value by its JSON, in words where it is long, beside what came back. */
async function expectOutcomes(table: TypedTable, cases: Cases): Promise<void> {
  const found = await table.roundTrip(cases.map(([json]) => json));
  const show = (json: string, outcome: Outcome | undefined) => [
    json.length > 100 ? `${json.slice(0, 40)}… (${json.length})` : json,
    typeof outcome === 'string' && outcome.length > 200
      ? `${outcome.slice(0, 40)}… (${outcome.length})`
      : outcome,
  ];
  expect(cases.map(([json], i) => show(json, found[i]))).toEqual(
    cases.map(([json, expected]) => show(json, expected)),
  );
  expect(found).toEqual(cases.map(([, expected]) => expected));
}

const NO_NUMBERS: Cases = [
  'true',
  '{}',
  '[1]',
  '""',
  '" 1"',
  '"1 "',
  '"0x10"',
  '"1_000"',
  '"NaN"',
  '"Infinity"',
  '"١"',
].map((json) => [json, REFUSED]);

test('bool holds true and false and guesses nothing else', async () => {
  const refused = ['0', '1', '"true"', '"t"', '"yes"', '[]', '{}'].map((json) => [json, REFUSED] as const);
  await expectOutcomes(await TypedTable.create('bool'), [['true', 'true'], ['false', 'false'], ...refused]);
});

describe.each([
  ['int2', '32767', '-32768', '32768', '-32769'],
  ['int4', '2147483647', '-2147483648', '2147483648', '-2147483649'],
  ['int8', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '-9223372036854775809'],
])('%s', (type, ...[max, min, over, under]) => {
  test('holds its whole range to the last digit, as numbers and as text, and nothing beyond', async () => {
    await expectOutcomes(await TypedTable.create(type), [
      ['0', '0'],
      ['-0', '0'],
      [max, max],
      [min, min],
      [`"${max}"`, max],
      [`"${min}"`, min],
      [over, REFUSED],
      [under, REFUSED],
      [`"${over}"`, REFUSED],
      ['12345678901234567890', REFUSED],
      ['1.0', REFUSED],
      ['1.5', REFUSED],
      ['1e2', REFUSED],
      ['1e400', REFUSED],
      ['"1.0"', REFUSED],
      ['"+1"', REFUSED],
      ...NO_NUMBERS,
    ]);
  });
});

test('int8 keeps integers that a JavaScript number does not', async () => {
  const numbers = [
    '9007199254740993',
    '-9007199254740993',
    '999999999999999',
    '1000000000000000',
    '1152921504606846977',
  ];
  await expectOutcomes(
    await TypedTable.create('int8'),
    numbers.map((number) => [number, number]),
  );
});

test('float8 holds numbers whose decimal value it keeps, and no others', async () => {
  await expectOutcomes(await TypedTable.create('float8'), [
    ['0', '0'],
    ['-0', '-0'],
    ['0.1', '0.1'],
    ['1.10', '1.1'],
    ['63251.0', '63251'],
    ['1e-05', '1e-05'],
    ['1E+2', '100'],
    ['0e5', '0'],
    ['0e999999999', '0'],
    ['9007199254740992', '9.007199254740992e+15'],
    ['9007199254740993', REFUSED],
    ['123456789012345678', REFUSED],
    ['0.1000000000000000055511151231257827', REFUSED],
    ['0.30000000000000004', '0.30000000000000004'],
    ['0.300000000000000040', '0.30000000000000004'],
    ['0.30000000000000001', REFUSED],
    ['1.7976931348623157e308', '1.7976931348623157e+308'],
    ['-1.7976931348623157e308', '-1.7976931348623157e+308'],
    ['1.8e308', REFUSED],
    ['1e400', REFUSED],
    ['5e-324', '5e-324'],
    ['1e-400', REFUSED],
    ['"1.5"', '1.5'],
    ['"1e400"', REFUSED],
    ['"1."', REFUSED],
    ['".5"', REFUSED],
    ...NO_NUMBERS,
  ]);
});

test('numeric holds every digit as received', async () => {
  const digits = '1234567890'.repeat(40);
  await expectOutcomes(await TypedTable.create('numeric'), [
    ['0', '0'],
    ['-0', '0'],
    ['0.00', '0.00'],
    ['-0.0', '0.0'],
    ['1.10', '1.10'],
    ['-1.10', '-1.10'],
    ['0.00010', '0.00010'],
    ['10000', '10000'],
    ['99990000.00009999', '99990000.00009999'],
    ['1e-05', '0.00001'],
    ['1.50e3', '1500'],
    ['1.2345e2', '123.45'],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890', '12345678901234567890'],
    [`${digits}.${digits}`, `${digits}.${digits}`],
    ['1e400', `1${'0'.repeat(400)}`],
    ['"1.10"', '1.10'],
    ['"0001.10"', REFUSED],
    ['"1."', REFUSED],
    ...NO_NUMBERS,
  ]);
});

test('numeric holds all that PostgreSQL can, to its very limits, and refuses what is beyond', async () => {
  await expectOutcomes(await TypedTable.create('numeric'), [
    ['1e131071', `1${'0'.repeat(131_071)}`],
    ['9'.repeat(131_072), '9'.repeat(131_072)],
    ['1e131072', REFUSED],
    ['9'.repeat(131_073), REFUSED],
    ['1e-16383', `0.${'0'.repeat(16_382)}1`],
    ['1e-16384', REFUSED],
    ['1e999999999', REFUSED],
    ['1e-999999999', REFUSED],
    ['1e99999999999999999999', REFUSED],
  ]);
});

test.each(['0e999999999', '0e99999999', '0.0e9999999999', '0e-999999999', '-0e131073'])(
  'numeric takes or refuses %s, whatever its exponent, without an error',
  async (json) => {
    const startedMs = performance.now();
    const [outcome] = await (await TypedTable.create('numeric')).roundTrip([json]);
    if (outcome !== REFUSED) expect(Number(outcome)).toBe(0);
    expect(performance.now() - startedMs, 'and at once').toBeLessThan(2000);
  },
);

test('numeric(10,2) refuses what PostgreSQL would round or not hold', async () => {
  await expectOutcomes(await TypedTable.create('numeric(10,2)'), [
    ['0', '0.00'],
    ['1.1', '1.10'],
    ['1.10', '1.10'],
    ['1e2', '100.00'],
    ['99999999.99', '99999999.99'],
    ['-99999999.99', '-99999999.99'],
    ['100000000', REFUSED],
    ['100000000.00', REFUSED],
    ['1.105', REFUSED],
    ['0.001', REFUSED],
    ['1e8', REFUSED],
    ['"12.34"', '12.34'],
  ]);
});

test('numeric with a scale beyond its precision, or below zero, refuses what PostgreSQL would round', async () => {
  await expectOutcomes(await TypedTable.create('numeric(2,4)'), [
    ['0.0012', '0.0012'],
    ['0.0099', '0.0099'],
    ['0.0100', REFUSED],
    ['0.00001', REFUSED],
    ['1', REFUSED],
  ]);
  await expectOutcomes(await TypedTable.create('numeric(2,-3)'), [
    ['12e3', '12000'],
    ['99e3', '99000'],
    ['100e3', REFUSED],
    ['12345', REFUSED],
    ['1', REFUSED],
  ]);
});

const NASTY_TEXTS = [
  '',
  ' ',
  '\\.',
  '\\N',
  'null',
  "it's",
  '"quoted"',
  '\\',
  'a\tb',
  'a\nb\r\n',
  '\u0001\u001f\u007f',
  '\u2028\u2029',
  '\ufeffbom',
  '😀𝒳',
  'é\u0301',
  '\ufffd\uffff',
  '__proto__',
  'x'.repeat(2 ** 20),
  '\\u0000',
  '😀"\\'.repeat(2 ** 17),
];

test.each(['text', 'varchar'])('%s holds any text that PostgreSQL can, escaped or not', async (type) => {
  const escaped = (text: string) =>
    `"${[...text].map((c) => (c.length === 1 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c)).join('')}"`;
  const table = await TypedTable.create(type);
  await expectOutcomes(
    table,
    NASTY_TEXTS.map((text) => [JSON.stringify(text), text]),
  );
  await expectOutcomes(
    table,
    NASTY_TEXTS.map((text) => [escaped(text), text]),
  );
});

test('text holds what is no string as its JSON, byte for byte, and refuses U+0000', async () => {
  const jsons = [
    '1.10',
    '1e400',
    '-0',
    'true',
    '{ "a" : [1, 1.0] }',
    '[null,"\\u0000"]',
    '12345678901234567890',
  ];
  await expectOutcomes(await TypedTable.create('text'), [
    ...jsons.map((json) => [json, json] as const),
    ['"\\u0000"', REFUSED],
    ['"a\\u0000b"', REFUSED],
    ['"\\\\u0000"', '\\u0000'],
  ]);
});

const NASTY_JSONS = [
  '0',
  '-0',
  '1.10',
  '1e-05',
  '9007199254740993',
  '12345678901234567890.10',
  '1e400',
  '1e131071',
  '1e-16383',
  'true',
  '""',
  '"\\\\u0000"',
  '"\\ud83d\\ude00 \\u2028 \u2028 😀 \\/"',
  '{}',
  '[]',
  '{"a":1,"a":2}',
  '{"__proto__":{"x":1},"constructor":null,"":[]}',
  '{ "b" : [ 1 , 2.50 ] , "a" : null }',
  JSON.stringify('x'.repeat(2 ** 20)),
  JSON.stringify(NASTY_TEXTS),
  `${'['.repeat(900)}${']'.repeat(900)}`,
];

test.each(['json', 'jsonb'])('%s holds any JSON as PostgreSQL itself reads it', async (type) => {
  const table = await TypedTable.create(type);
  const own = await table.ownInput(NASTY_JSONS, type);
  expect(own).not.toContain(REFUSED);
  await expectOutcomes(
    table,
    NASTY_JSONS.map((json, i) => [json, own[i] as Outcome]),
  );
});

test.each(['json', 'jsonb'])('%s refuses U+0000 at any depth and in keys', async (type) => {
  const jsons = ['"\\u0000"', '["\\u0000"]', '{"a":{"b":["x\\u0000y"]}}', '{"\\u0000":1}', '"\\\\\\u0000"'];
  await expectOutcomes(
    await TypedTable.create(type),
    jsons.map((json) => [json, REFUSED]),
  );
});

test.each(['1e131072', '-1e131072', '1e-16384', '[1,{"a":1e400000}]', '1e999999999'])(
  'jsonb refuses %s, a number that PostgreSQL does not hold',
  async (json) => {
    const table = await TypedTable.create('jsonb');
    expect(await table.ownInput([json], 'jsonb')).toEqual([REFUSED]);
    await expectOutcomes(table, [[json, REFUSED]]);
  },
);

const INSTANTS: Cases = [
  ['"2024-02-29T12:34:56Z"', '2024-02-29 12:34:56+00'],
  ['"2000-02-29T00:00:00Z"', '2000-02-29 00:00:00+00'],
  ['"1970-01-01T00:00:00.000001Z"', '1970-01-01 00:00:00.000001+00'],
  ['"1969-12-31T23:59:59.999999Z"', '1969-12-31 23:59:59.999999+00'],
  ['"2024-01-01t00:00:00.5z"', '2024-01-01 00:00:00.5+00'],
  ['"2024-01-01 00:00:00.123456+05:30"', '2023-12-31 18:30:00.123456+00'],
  ['"2024-01-01T00:00:00-00:00"', '2024-01-01 00:00:00+00'],
  ['"2024-01-01T00:00:00-23:59"', '2024-01-01 23:59:00+00'],
  ['"9999-12-31T23:59:59.999999Z"', '9999-12-31 23:59:59.999999+00'],
  ['"0001-01-01T00:00:00Z"', '0001-01-01 00:00:00+00'],
  ['"0000-12-31T23:59:59Z"', '0001-12-31 23:59:59+00 BC'],
];
const NO_INSTANTS = [
  '"2023-02-29T00:00:00Z"',
  '"1900-02-29T00:00:00Z"',
  '"2024-04-31T00:00:00Z"',
  '"2024-00-10T00:00:00Z"',
  '"2024-13-10T00:00:00Z"',
  '"2024-01-00T00:00:00Z"',
  '"2024-01-01T24:00:00Z"',
  '"2024-01-01T00:60:00Z"',
  '"2016-12-31T23:59:60Z"',
  '"2024-01-01T00:00:00.1234567Z"',
  '"2024-01-01T00:00:00.Z"',
  '"2024-01-01T00:00:00+24:00"',
  '"2024-01-01T00:00:00+05:60"',
  '"2024-01-01T00:00:00+0530"',
  '"2024-01-01T00:00:00+05"',
  '"2024-01-01T00:00:00"',
  '"2024-01-01T00:00Z"',
  '"2024-01-01"',
  '"10000-01-01T00:00:00Z"',
  '"+2024-01-01T00:00:00Z"',
  '"24-01-01T00:00:00Z"',
  '" 2024-01-01T00:00:00Z"',
  '"2024-01-01T00:00:00Z\\n"',
  '"01/02/2024"',
  '"now"',
  '"infinity"',
  '1704067200',
  'true',
  '{}',
];

test('timestamptz holds RFC 3339 with offset and guesses nothing else', async () => {
  await expectOutcomes(await TypedTable.create('timestamptz'), [
    ...INSTANTS,
    ...NO_INSTANTS.map((json) => [json, REFUSED] as const),
  ]);
});

test.each([
  [
    's',
    [
      ['1704067200', '2024-01-01 00:00:00+00'],
      ['1704067200.5', '2024-01-01 00:00:00.5+00'],
      ['-1', '1969-12-31 23:59:59+00'],
    ],
  ],
  [
    'ms',
    [
      ['1704067200123', '2024-01-01 00:00:00.123+00'],
      ['"1704067200123"', '2024-01-01 00:00:00.123+00'],
      ['0.001', '1970-01-01 00:00:00.000001+00'],
    ],
  ],
  [
    'us',
    [
      ['1704067200123456', '2024-01-01 00:00:00.123456+00'],
      ['1.704067200123456e15', '2024-01-01 00:00:00.123456+00'],
    ],
  ],
  [
    'ns',
    [
      ['1704067200123456789', '2024-01-01 00:00:00.123456+00'],
      ['999', '1970-01-01 00:00:00+00'],
    ],
  ],
] as const)('timestamptz with unit %s takes numbers since 1970', async (unit, cases) => {
  const finer = unit === 'ns' ? [] : ([[unit === 'us' ? '0.5' : '0.0000001', REFUSED]] as const);
  await expectOutcomes(await TypedTable.create('timestamptz', { type: 'timestamptz', unit }), [
    ...cases,
    ...finer,
    ['"2024-02-29T12:34:56Z"', '2024-02-29 12:34:56+00'],
    ['1e400', REFUSED],
    ['9'.repeat(40), REFUSED],
    ['"soon"', REFUSED],
    ['true', REFUSED],
  ]);
});

test('timestamptz holds the first and the last microsecond that PostgreSQL can, and nothing beyond', async () => {
  await expectOutcomes(await TypedTable.create('timestamptz', { type: 'timestamptz', unit: 'us' }), [
    ['-210866803200000000', '4714-11-24 00:00:00+00 BC'],
    ['-210866803200000001', REFUSED],
    ['9224318015999999999', '294276-12-31 23:59:59.999999+00'],
    ['9224318016000000000', REFUSED],
  ]);
});

const anyDigits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0000123456789'), minLength: min, maxLength: max });
const anyDecimal = fc
  .tuple(
    fc.constantFrom('', '-'),
    anyDigits(1, 25).map((digits) => digits.replace(/^0+(?=\d)/, '')),
    fc.option(anyDigits(1, 25), { nil: undefined }),
    fc.option(fc.integer({ min: -340, max: 340 }), { nil: undefined, freq: 3 }),
  )
  .map(([sign, whole, fraction, exponent]) =>
    [
      sign,
      whole,
      fraction === undefined ? '' : `.${fraction}`,
      exponent === undefined ? '' : `e${exponent}`,
    ].join(''),
  );
const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);

describe('of random decimals', () => {
  const seed = Date.now();
  const decimals = [
    ...fc.sample(anyDecimal, { numRuns: 3000, seed }),
    ...fc.sample(anyDouble, { numRuns: 1500, seed }),
  ];

  test(`numeric reads back the text that PostgreSQL gives itself (seed ${seed})`, async () => {
    const table = await TypedTable.create('numeric');
    const found = await table.roundTrip(decimals);
    expect(found).toEqual(await table.ownInput(decimals, 'numeric'));
  });

  test(`float8 takes exactly those whose value its shortest text keeps (seed ${seed})`, async () => {
    const table = await TypedTable.create('float8');
    const found = await table.roundTrip(decimals);
    const asFloat = await table.ownInput(decimals, 'float8');
    const exact = await table.ownInput(decimals, 'numeric');
    // PostgreSQL prints a digit more where the shortest text lies on the very edge of the double's interval.
    const back = asFloat.map((text) => (text === REFUSED ? 'NaN' : String(Number(text))));
    const backExact = await table.ownInput(back, 'numeric');
    const trim = (text: Outcome | undefined) =>
      String(text as string)
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '');
    const isKept = decimals.map((_, i) => trim(backExact[i]) === trim(exact[i]));
    const wrong = decimals.filter((_, i) => (found[i] !== REFUSED) !== isKept[i]);
    expect(wrong).toEqual([]);
    expect(found.filter((_, i) => isKept[i])).toEqual(asFloat.filter((_, i) => isKept[i]));
    expect(isKept.filter(Boolean).length, 'some are kept').toBeGreaterThan(1000);
    expect(isKept.filter((kept) => !kept).length, 'some are not').toBeGreaterThan(500);
  });
}, 60_000);
