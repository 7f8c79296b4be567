import { isScalar, type Node, type Pair, visit } from 'yaml';
import type { ErrorCode } from '../errors.js';

/** The key by which a map takes in the keys of another. */
export const MERGE_KEY = '<<';

/** A key that may not stand where it does, and the like. */
export interface KeyFault {
  readonly offset: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * Keys that stand twice in one map, compared as the text that they become.
 *
 * @param lineOf the line of an offset, from 1
 */
export function findKeyFaults(
  contents: Node | null,
  lineOf: (offset: number) => number,
): readonly KeyFault[] {
  const faults: KeyFault[] = [];
  visit(contents, {
    Map: (_, map) => {
      const seen = new Map<string, number>();
      for (const pair of map.items) {
        const key = keyText(pair);
        const offset = (pair.key as Node | null)?.range?.[0] ?? 0;
        const fault = faultOf(key, seen.get(key), lineOf);
        if (fault !== undefined) faults.push({ offset, ...fault });
        else seen.set(key, offset);
      }
    },
  });
  return faults;
}

/** A pair's key as the text that it becomes in plain data. */
export function keyText({ key }: Pair): string {
  const value = isScalar(key) ? key.value : key;
  return typeof value === 'symbol' ? MERGE_KEY : String(value);
}

function faultOf(
  key: string,
  earlier: number | undefined,
  lineOf: (offset: number) => number,
): Omit<KeyFault, 'offset'> | undefined {
  if (earlier === undefined || key === MERGE_KEY) return undefined;
  const message = `expected each key once in a map, got "${key}" again, which is in line ${lineOf(earlier)} already`;
  return { code: 'config.duplicate', message };
}
