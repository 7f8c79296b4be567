import { isUtf8 } from 'node:buffer';
import { type Problem, throwProblems } from './problem.js';

const MAX_BYTES = 1024 * 1024;
const BYTE_ORDER_MARK = '\u{feff}';

/** The text of a file in UTF-8, with or without byte order mark. @throws ProblemsError */
export function decodeText(file: string, content: Uint8Array): string {
  if (content.length > MAX_BYTES) {
    const message = `expected at most ${MAX_BYTES} bytes, got ${content.length}`;
    throwProblems([{ code: 'config.size', message, ...placed(file, 1, 1) }]);
  }
  const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('utf8');
  if (!isUtf8(content)) throwProblems([encodingProblem(file, content, text)]);
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** Decoding puts U+FFFD where bytes are bad, so encoding again differs there for the first time. */
function encodingProblem(file: string, content: Uint8Array, text: string): Problem {
  const again = Buffer.from(text);
  let bad = 0;
  while (again[bad] === content[bad]) bad++;
  const before = again
    .toString('utf8', 0, bad)
    .replace(/\u{fffd}$/u, '')
    .split('\n');
  const column = (before.at(-1) ?? '').length + 1;
  const hint = 'save the file as UTF-8';
  const message = 'expected UTF-8, got other bytes';
  return { code: 'config.encoding', message, hint, ...placed(file, before.length, column) };
}

function placed(
  file: string,
  line: number,
  column: number,
): Pick<Problem, 'file' | 'line' | 'column' | 'source' | 'path'> {
  return { file, line, column, source: '', path: [] };
}
