import type { Finding } from '../../utils/examination.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';

const MAX_NAMES = 40;

/** Keys of the rows that were seen. */
export interface SeenNames {
  /** Before `rename`. */
  readonly keys: ReadonlySet<string>;
  /** Those that had a value other than null. */
  readonly filled: ReadonlySet<string>;
}

/** Names that the configuration has and no row had: mistyped, or rare. */
export function unmatchedNames(
  { keys, filled }: SeenNames,
  { include, rename, columns }: DecodeSettings,
): readonly Finding[] {
  if (keys.size === 0) return [];
  const names = new Set([...keys].map((key) => rename[key] ?? key));
  const unmatched = [
    ...Object.entries(include).flatMap(([key, pointer]) =>
      filled.has(key) ? [] : [`${pointer} of include`],
    ),
    ...Object.keys(rename).flatMap((key) => (keys.has(key) ? [] : [`${key} of rename`])),
    ...Object.keys(columns).flatMap((name) => (names.has(name) ? [] : [`${name} of columns`])),
  ];
  if (unmatched.length === 0) return [];
  const known = [...names].slice(0, MAX_NAMES).join(', ');
  const fix = { text: `correct it, unless it is rare; the rows have ${known}`, paste: [] };
  return [{ state: 'note', text: `in no message so far: ${unmatched.join(', ')}`, fixes: [fix] }];
}
