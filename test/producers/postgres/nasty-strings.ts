import { pick } from '../../support/random.js';

/** What decoders, COPY and SQL give a meaning to. */
const PIECES = [
  ...['\\N', '\\.', '\\', '\\\\', '\\x41', '\\u0041', '\\u0000', '\t', '\n', '\r', '\r\n', '\b', '\f', '\v'],
  ...['"', "'", '""', "''", ';--', '$1', '%s', '{', '}', '[', ',', ':', 'null', 'NULL', 'true', '1.10', '-0'],
  ...[
    '\u0001',
    '\u001f',
    '\u007f',
    '\u0080',
    '\u00a0',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\ufffd',
    '\ufffe',
    '\uffff',
  ],
  ...[
    'é',
    'e\u0301',
    'ß',
    'İ',
    '\u202e',
    '\u200d',
    '😀',
    '👩‍👩‍👧',
    '\u{10ffff}',
    '𝒳',
    ' ',
    '  ',
    'a',
    'Z',
    '0',
  ],
];
/** What PostgreSQL has no text for. */
const IMPOSSIBLE = ['\0', '\ud800', '\udc00', '\udc00\ud800'];
const MAX_PIECES = 8;
const IMPOSSIBLE_SHARE = 0.02;
const LONG_SHARE = 0.01;
const LONG = 3000;

/** A string of pieces that are mistaken for something else. */
export function nastyString(random: () => number): string {
  const count = Math.floor(random() * MAX_PIECES);
  const pieces = Array.from({ length: count }, () => pick(random, PIECES));
  if (random() < IMPOSSIBLE_SHARE) pieces.push(pick(random, IMPOSSIBLE));
  if (random() < LONG_SHARE) pieces.push(pick(random, PIECES).repeat(LONG));
  return pieces.join('');
}

/** Whether text in UTF-8 as PostgreSQL has it can be the string. */
export function isText(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}

/** The string as JSON, now in few escapes and now in nothing but. */
export function asJson(random: () => number, text: string): string {
  if (random() < 0.5) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
}
