import { exitCodeOf } from '../../dist/engine/exit-code.js';
import { ERROR_CODES } from '../../dist/utils/error-codes.js';
import { cell, code, page, table } from './markdown.mjs';

/** The page of the error codes. */
export function errorsPage() {
  const rows = Object.entries(ERROR_CODES).map(([name, meaning]) => [
    code(name),
    String(exitCodeOf(name)),
    cell(meaning),
  ]);
  return page(
    '# Reference: error codes',
    'Printed by `npm run docs`. A message says what was expected, what was got, and what to do; its code, in brackets, stays the same.\nThe exit code is that of a run which ends by it; what is tried again ends none.',
    table(['code', 'exit code', 'meaning'], rows),
  );
}
