import { isUtf8 } from 'node:buffer';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import type { ErrorCode } from '../errors.js';
import type { DocumentPath, Problem } from './problem.js';
import { throwProblems } from './problem.js';

const MAX_BYTES = 1024 * 1024;
const MAX_ALIASES = 100;
const MAX_DEPTH = 100;
const BYTE_ORDER_MARK = '\u{feff}';

/** A place, from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML file as plain data, with the way back from a path to its line and column. */
export class YamlDocument {
  readonly file: string;
  readonly value: unknown;
  readonly #lines: readonly string[];
  readonly #counter: LineCounter;
  readonly #document: Document;

  /**
   * Parses YAML 1.2 (core schema), where a key may stand once, tags are refused, and aliases, depth and size are limited.
   *
   * @param file the name to show in problems
   * @throws ProblemsError
   */
  constructor(file: string, content: Uint8Array) {
    this.file = file;
    const text = decodeText(file, content);
    this.#lines = text.split('\n');
    this.#counter = new LineCounter();
    assertShallow(file, this.#lines);
    this.#document = parseDocument(text, {
      version: '1.2',
      uniqueKeys: true,
      merge: true,
      lineCounter: this.#counter,
      prettyErrors: false,
    });
    throwProblems(
      [...this.#document.errors, ...this.#document.warnings].map((error) => this.#syntaxProblem(error)),
    );
    this.value = this.#toPlain();
  }

  /** A problem at the value a path leads to, or at its key. */
  problem(
    path: DocumentPath,
    at: 'key' | 'value',
    what: Pick<Problem, 'code' | 'message' | 'hint'>,
  ): Problem {
    return { ...what, path, ...this.#placed(this.#offsetOf(path, at)) };
  }

  #toPlain(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (error) {
      const what = {
        code: 'config.yaml',
        message: `expected at most ${MAX_ALIASES} aliases, got more: ${(error as Error).message}`,
      } as const;
      throwProblems([{ ...what, path: [], ...this.#placed(0) }]);
      return undefined;
    }
  }

  #syntaxProblem(error: { code: string; message: string; pos: readonly [number, number] }): Problem {
    const { code, message, hint } = describeSyntax(error.code, error.message);
    return { code, message, hint, path: [], ...this.#placed(error.pos[0]) };
  }

  #placed(offset: number): Pick<Problem, 'file' | 'line' | 'column' | 'source'> {
    const { line, column } = this.#place(offset);
    return { file: this.file, line, column, source: this.#lines[line - 1] ?? '' };
  }

  #place(offset: number): Place {
    const { line, col } = this.#counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** Walks as far as the path leads, so that a missing key is shown at the map that lacks it. */
  #offsetOf(path: DocumentPath, at: 'key' | 'value'): number {
    let node: unknown = this.#document.contents;
    let offset = startOf(node) ?? 0;
    path.forEach((part, index) => {
      const step = stepInto(this.#resolve(node), part);
      const isLast = index === path.length - 1;
      offset = (isLast && at === 'key' ? step?.keyOffset : step?.valueOffset) ?? step?.keyOffset ?? offset;
      node = step?.node;
    });
    return offset;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }
}

interface Step {
  readonly node: unknown;
  readonly keyOffset: number | undefined;
  readonly valueOffset: number | undefined;
}

function stepInto(node: unknown, part: string | number): Step | undefined {
  if (isSeq(node) && typeof part === 'number') {
    const item = node.items[part];
    return { node: item, keyOffset: startOf(item), valueOffset: startOf(item) };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
  return pair && { node: pair.value, keyOffset: startOf(pair.key), valueOffset: startOf(pair.value) };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}

function describeSyntax(code: string, message: string): { code: ErrorCode; message: string; hint?: string } {
  const [first = message] = message.split('\n');
  switch (code) {
    case 'TAB_AS_INDENT':
      return {
        code: 'config.tabs',
        message: 'expected spaces as indentation, got a tab',
        hint: 'replace the tab by two spaces',
      };
    case 'DUPLICATE_KEY':
      return { code: 'config.duplicate', message: 'expected each key once in a map, got it again' };
    case 'TAG_RESOLVE_FAILED':
      return {
        code: 'config.yaml',
        message: `expected a plain value, got a tag: ${first}`,
        hint: 'leave the !tag away',
      };
    default:
      return { code: 'config.yaml', message: `expected YAML 1.2, got a syntax error: ${first}` };
  }
}

/** The text of a file in UTF-8, with or without byte order mark. */
function decodeText(file: string, content: Uint8Array): string {
  const at = (line: number, column: number) => ({ file, line, column, source: '', path: [] });
  if (content.length > MAX_BYTES) {
    throwProblems([
      {
        code: 'config.size',
        message: `expected at most ${MAX_BYTES} bytes, got ${content.length}`,
        ...at(1, 1),
      },
    ]);
  }
  if (!isUtf8(content)) {
    const hint = 'save the file as UTF-8';
    throwProblems([
      {
        code: 'config.encoding',
        message: 'expected UTF-8, got other bytes',
        hint,
        ...placeOfBadByte(content, at),
      },
    ]);
  }
  const text = Buffer.from(content).toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function placeOfBadByte(
  content: Uint8Array,
  at: (line: number, column: number) => Omit<Problem, 'code' | 'message'>,
) {
  let good = 0;
  for (let bad = content.length; bad - good > 1; ) {
    const middle = (good + bad) >> 1;
    if (isUtf8Start(content.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  const before = Buffer.from(content.subarray(0, good)).toString('utf8').split('\n');
  return at(before.length, (before.at(-1) ?? '').length + 1);
}

/** Whether bytes are UTF-8, but for a last character that may be cut. */
function isUtf8Start(bytes: Uint8Array): boolean {
  return [0, 1, 2, 3].some((cut) => cut <= bytes.length && isUtf8(bytes.subarray(0, bytes.length - cut)));
}

/** The parser is recursive: what nests deeper than any configuration is refused before it is reached. */
function assertShallow(file: string, lines: readonly string[]): void {
  let depth = 0;
  lines.forEach((source, index) => {
    const opened = (source.match(/[[{]/g) ?? []).length;
    depth = Math.max(0, depth + opened - (source.match(/[\]}]/g) ?? []).length);
    const dashes = /^[\s-]*/.exec(source)?.[0].replace(/\s/g, '').length ?? 0;
    const levels = Math.max(depth, opened, dashes, (source.length - source.trimStart().length) / 2);
    if (levels <= MAX_DEPTH * 2) return;
    const message = `expected at most ${MAX_DEPTH} levels, got more`;
    throwProblems([
      {
        code: 'config.yaml',
        message,
        path: [],
        file,
        line: index + 1,
        column: 1,
        source: source.slice(0, 80),
      },
    ]);
  });
}
