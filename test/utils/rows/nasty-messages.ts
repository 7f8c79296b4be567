import { createRandom, pick } from '../../support/random.js';

const KEYS = ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'text', 'bool', 'jsonb', 'timestamptz'];
const ODD_KEYS = [
  '',
  'INT8',
  'a"b',
  'a\\u0062',
  '__proto__',
  'ключ',
  'text\\u0000',
  '_rest',
  '\\"',
  'int\\u0038',
];
const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '7',
  '32767',
  '32768',
  '-32768',
  '2147483647',
  '2147483648',
  '-2147483649',
];
const LONG = [
  '999999999999999',
  '1000000000000000',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
];
const FRACTIONS = [
  '0.0',
  '1.0',
  '1.5',
  '-0.0',
  '63251.12',
  '0.0132',
  '0.1',
  '123456789012.345',
  '0.30000000000000004',
];
const EXPONENTS = ['1e5', '1E+5', '1e-7', '-2.5e300', '1e400', '0e0', '123456789.123456789', '1e-400'];
const NO_NUMBERS = [
  '1.',
  '01',
  '.5',
  '-',
  '+1',
  '1e',
  '00',
  '-01',
  '0x1',
  '1.e5',
  'NaN',
  '1.5.2',
  '--1',
  'Infinity',
];
const TEXTS = [
  '""',
  '"a"',
  '"heartbeat"',
  '"größer 😀"',
  '"2024-01-01T00:00:00Z"',
  '"1.10"',
  '"12"',
  '"\\n"',
  '"\\u00e9"',
];
const ESCAPES = [
  '"\\u0000"',
  '"\\ud83d\\ude00"',
  '"\\ud83d"',
  '"\\x"',
  '"\\',
  '"a\tb"',
  '"a\u0001b"',
  '"\\u12"',
  '"\u007f"',
];
const OTHERS = [
  'null',
  'true',
  'false',
  'nul',
  'True',
  '{}',
  '[]',
  '{"a":[1,{"b":"\\""}]}',
  '[1,2,3]',
  '[1,]',
  '{"a"}',
];
const VALUES = [NUMBERS, LONG, FRACTIONS, EXPONENTS, NO_NUMBERS, TEXTS, ESCAPES, OTHERS];
/** Good values are most of what there is, so that many rows are whole. */
const GOOD = [
  NUMBERS,
  FRACTIONS,
  TEXTS,
  ['null', 'true', 'false'],
  ['"some text of a usual length"', '1571254800123'],
];
const BYTES = [
  '"',
  '\\',
  ',',
  ':',
  '{',
  '}',
  '[',
  ']',
  ' ',
  '0',
  'e',
  '.',
  '-',
  'x',
  '\u0001',
  'é',
  '  ',
  '\t',
];

/** JSON objects without end, most of them as feeds send them, some with odd keys, values and white space, some damaged. */
export function* nastyMessages(seed: number): Generator<string, never> {
  const random = createRandom(seed);
  const space = () => (random() < 0.95 ? '' : pick(random, [' ', '  ', '\t', '\r']));
  const value = () => pick(random, pick(random, random() < 0.9 ? GOOD : VALUES));
  const keys = () => {
    const some = random() < 0.7 ? KEYS : KEYS.filter(() => random() < 0.6);
    if (random() < 0.1) return [...some, pick(random, ODD_KEYS), pick(random, KEYS)];
    return random() < 0.2 ? some.toSorted(() => random() - 0.5) : some;
  };
  for (;;) {
    const isLoose = random() < 0.1;
    const gap = isLoose ? space : () => '';
    const separator = random() < 0.1 ? ', ' : ',';
    const colon = random() < 0.1 ? ': ' : ':';
    const members = keys().map((key) => `${gap()}"${key}"${gap()}${colon}${gap()}${value()}${gap()}`);
    const message = `${gap()}{${members.join(separator)}}${gap()}`;
    yield random() < 0.1 ? damaged(random, message) : message;
  }
}

/** A value of any kind, or none. */
export function nastyValue(random: () => number): string {
  return pick(random, pick(random, VALUES));
}

/** A message with one place changed. */
export function damaged(random: () => number, message: string): string {
  const at = Math.floor(random() * message.length);
  const cut = random() < 0.5 ? 1 : 0;
  const between = random() < 0.8 ? pick(random, BYTES) : '';
  // Half of a surrogate pair has no UTF-8.
  return Buffer.from(message.slice(0, at) + between + message.slice(at + cut)).toString();
}
