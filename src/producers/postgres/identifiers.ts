import { createHash } from 'node:crypto';

const MAX_BYTES = 63;
const HASH_DIGITS = 8;
/** System columns of PostgreSQL, which no table may have a second time, and our own. */
const RESERVED = new Set([
  ...['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'],
  ...['_rest', '_socket_el_n', '_socket_el_present'],
]);

/** A name as it must stand in a statement. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table's name with its schema, as it must stand in a statement. */
export function quoteTable(schema: string, table: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}

/** A text as it must stand in a statement. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}

/**
 * The column that a key goes to: the key itself, byte for byte; a reserved or empty name gets a `_`, and so that two
 * keys never meet, so does such a name that has one already. A name over PostgreSQL's 63 bytes, or with the character
 * U+0000, ends in a hash of the whole.
 *
 * @param taken further names that are reserved
 */
export function columnName(key: string, taken: readonly string[] = []): string {
  const stem = key.replace(/_+$/, '');
  const isReserved = RESERVED.has(stem) || taken.includes(stem) || taken.includes(key) || stem === '';
  const name = isReserved ? `${key}_` : key;
  const bytes = Buffer.from(name.replaceAll('\0', '_'));
  if (bytes.length <= MAX_BYTES && !name.includes('\0')) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS);
  return `${wholeCharacters(bytes, MAX_BYTES - HASH_DIGITS - 1)}_${hash}`;
}

/** As much of UTF-8 text as fits into `maxBytes` without cutting a character. */
function wholeCharacters(bytes: Buffer, maxBytes: number): string {
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
