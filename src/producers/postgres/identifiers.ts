import { createHash } from 'node:crypto';

const MAX_BYTES = 63;
const HASH_DIGITS = 8;
/** System columns of PostgreSQL, which no table may have a second time, and our own. */
const RESERVED = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid', '_rest']);

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
 * The column that a key goes to: the key itself, byte for byte; a reserved or empty name gets a `_`, and of one over
 * PostgreSQL's 63 bytes the end becomes a hash of the whole, so that two long names never meet.
 */
export function columnName(key: string, taken: readonly string[] = []): string {
  const name = key === '' || RESERVED.has(key) || taken.includes(key) ? `${key}_` : key.replaceAll('\0', '_');
  const bytes = Buffer.from(name);
  if (bytes.length <= MAX_BYTES) return name;
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, HASH_DIGITS);
  return `${wholeCharacters(bytes, MAX_BYTES - HASH_DIGITS - 1)}_${hash}`;
}

/** As much of UTF-8 text as fits into `maxBytes` without cutting a character. */
function wholeCharacters(bytes: Buffer, maxBytes: number): string {
  let end = maxBytes;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
