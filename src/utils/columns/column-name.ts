/** The column for what fits no other. */
export const REST_COLUMN = '_rest';

/**
 * The column that a key goes to: the key itself; a reserved or empty name gets a `_`, and so that two keys never meet,
 * so does such a name that has one already. The character U+0000, at which some readers end a name, becomes a `_`.
 *
 * @param taken further names that are reserved
 */
export function columnName(key: string, taken: readonly string[]): string {
  const name = key.replaceAll('\0', '_');
  const stem = name.replace(/_+$/, '');
  const isReserved = stem === '' || stem === REST_COLUMN || taken.includes(stem) || taken.includes(name);
  return isReserved ? `${name}_` : name;
}
