import { test } from 'vitest';

/**
 * A test of what one entry of the surface does, seen through the built command. `npm run surface` finds it by its first
 * argument, which is written out, and `npm run surface -- --prove` expects it to fail while that entry is disabled.
 *
 * @param entry as `npm run surface` lists it, such as `key consumer/socket uri`
 * @param effect what it is that is seen
 */
export function drives(entry: string, effect: string, body: () => Promise<void>, timeoutMs = 60_000): void {
  test(`${effect} [${entry}]`, body, timeoutMs);
}
