import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number, isComplete: boolean }} Tally */

/** Names the file that the reporter keeps its tally in. */
export const TALLY_FILE = 'SOCKET_EL_TALLY_FILE';

/**
 * Reads what the reporter has written so far. A run that broke off counts as one failure more.
 *
 * @param {string} file may be missing, when no test ended
 * @returns {Tally}
 */
export function readTally(file) {
  const empty = { passed: 0, failed: 0, skipped: 0, isComplete: false };
  const tally = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : empty;
  return tally.isComplete ? tally : { ...tally, failed: tally.failed + 1 };
}

/**
 * @param {Tally} tally
 * @returns {string} `3 passed, 0 failed`, and how many were skipped if any
 */
export function formatTally({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
