import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { decodeText } from './decode-text.js';
import { type DocumentPath, type Problem, throwProblems } from './problem.js';
import type { SourceDocument } from './source-document.js';
import { findAliasFaults } from './yaml-aliases.js';
import { findKeyFaults, keyText, MERGE_KEY } from './yaml-keys.js';
import { describeSyntax } from './yaml-syntax.js';

const MAX_ALIASES = 100;
const MAX_DEPTH = 100;

type What = Pick<Problem, 'code' | 'message' | 'hint'>;

/** A YAML file as plain data, with the way back from a path to its line and column. */
export class YamlDocument implements SourceDocument {
  readonly file: string;
  readonly value: unknown;
  readonly isSecret: boolean;
  readonly #lines: readonly string[];
  readonly #counter = new LineCounter();
  readonly #document: Document;

  /**
   * Parses YAML 1.2 (core schema), where a key may stand once, tags are refused, and aliases, depth and size are limited.
   *
   * @param file the name to show in problems
   * @throws ProblemsError
   */
  constructor(file: string, content: Uint8Array, { isSecret = false }: { readonly isSecret?: boolean } = {}) {
    this.file = file;
    this.isSecret = isSecret;
    const text = decodeText(file, content);
    this.#lines = text.split(/\r?\n/);
    this.#assertNoLeadingTab();
    this.#document = this.#parse(text);
    this.#assertWellFormed();
    this.value = this.#toPlain();
    if (isDeep(this.value, MAX_DEPTH)) this.#fail(0, { code: 'config.yaml', message: tooDeep() });
  }

  problem(path: DocumentPath, at: 'key' | 'value', what: What): Problem {
    return { ...what, path, ...this.#placed(this.#offsetOf(path, at)) };
  }

  /** Looked for first, because the parser takes its time over a file that is full of them. */
  #assertNoLeadingTab(): void {
    const index = this.#lines.findIndex((line) => /^\t+[^\s#]/.test(line));
    if (index < 0) return;
    const { code, message, hint } = describeSyntax('TAB_AS_INDENT', '', '');
    const source = this.isSecret ? '' : (this.#lines[index] ?? '');
    throwProblems([{ code, message, hint, path: [], file: this.file, line: index + 1, column: 1, source }]);
  }

  #parse(text: string): Document {
    const options = { version: '1.2', uniqueKeys: false, merge: true, lineCounter: this.#counter } as const;
    try {
      return parseDocument(text, { ...options, prettyErrors: false });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fail(0, { code: 'config.yaml', message: tooDeep() });
      throw error;
    }
  }

  /** What follows a syntax error is a consequence of it, so only the first is told. */
  #assertWellFormed(): void {
    const [error] = this.#document.errors;
    if (error !== undefined) this.#failSyntax(error);
    const { explicit, version } = this.#document.directives?.yaml ?? {};
    if (explicit && version !== '1.2') {
      const line = this.#lines.findIndex((text) => text.startsWith('%YAML'));
      this.#fail(this.#counter.lineStarts[line] ?? 0, {
        code: 'config.yaml',
        message: `expected YAML 1.2, got ${version}`,
      });
    }
    const tags = this.#document.warnings.map((warning) => ({
      offset: warning.pos[0],
      ...describeSyntax(warning.code, warning.message, ''),
    }));
    const lineOf = (offset: number) => this.#placed(offset).line;
    const keys = findKeyFaults(this.#document.contents, lineOf);
    const faults = [...tags, ...keys, ...findAliasFaults(this.#document)];
    throwProblems(faults.map(({ offset, ...what }) => ({ ...what, path: [], ...this.#placed(offset) })));
  }

  #failSyntax({
    code,
    message,
    pos,
  }: {
    code: string;
    message: string;
    pos: readonly [number, number];
  }): void {
    const line = this.#placed(pos[0]).line;
    const text = this.#lines[line - 1] ?? '';
    const what = describeSyntax(code, message, text);
    const tab = (this.#counter.lineStarts[line - 1] ?? 0) + text.indexOf('\t');
    const quote = message.startsWith('Missing closing') ? lastQuote(this.#document) : undefined;
    this.#fail(what.code === 'config.tabs' ? tab : (quote ?? pos[0]), what);
  }

  #toPlain(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (error) {
      const [reason] = (error as Error).message.split('\n', 1);
      this.#fail(0, {
        code: 'config.yaml',
        message: `expected at most ${MAX_ALIASES} uses of anchors: ${reason}`,
      });
      return undefined;
    }
  }

  #fail(offset: number, what: What): void {
    throwProblems([{ ...what, path: [], ...this.#placed(offset) }]);
  }

  #placed(offset: number): Pick<Problem, 'file' | 'line' | 'column' | 'source'> {
    const { line, col } = this.#counter.linePos(offset);
    const last = this.#lines.findLastIndex((text) => text.trim() !== '');
    const isBehind = line > last + 1;
    const at = isBehind
      ? { line: last + 1, column: (this.#lines[last]?.trimEnd().length ?? 0) + 1 }
      : { line, column: col };
    const source = this.isSecret ? '' : (this.#lines[at.line - 1] ?? '');
    return { file: this.file, line: Math.max(1, at.line), column: Math.max(1, at.column), source };
  }

  /** Walks as far as the path leads, so that a missing key is shown at the map that lacks it. */
  #offsetOf(path: DocumentPath, at: 'key' | 'value'): number {
    let node: unknown = this.#document.contents;
    let offset = startOf(node) ?? 0;
    path.forEach((part, index) => {
      const step = this.#stepInto(node, part);
      const isLast = index === path.length - 1;
      offset = (isLast && at === 'key' ? step?.keyOffset : step?.valueOffset) ?? step?.keyOffset ?? offset;
      node = step?.node;
    });
    return offset;
  }

  #stepInto(from: unknown, part: string | number): Step | undefined {
    const node = isAlias(from) ? from.resolve(this.#document) : from;
    if (isSeq(node) && typeof part === 'number') return stepTo(node.items[part], node.items[part]);
    if (!isMap(node)) return undefined;
    const pair = node.items.find((candidate) => keyText(candidate) === String(part));
    if (pair !== undefined) return stepTo(pair.key, pair.value);
    return this.#stepIntoMerged(
      node.items.find((candidate) => keyText(candidate) === MERGE_KEY)?.value,
      part,
    );
  }

  /** A key that came by `<<` stands where the anchor is. */
  #stepIntoMerged(merged: unknown, part: string | number): Step | undefined {
    const sources = isSeq(merged) ? merged.items : [merged];
    return sources.map((source) => this.#stepInto(source, part)).find((step) => step !== undefined);
  }
}

interface Step {
  readonly node: unknown;
  readonly keyOffset: number | undefined;
  readonly valueOffset: number | undefined;
}

function stepTo(key: unknown, value: unknown): Step {
  return { node: value, keyOffset: startOf(key), valueOffset: startOf(value) };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}

/** Where the last quoted text begins: of one that is not closed the parser gives the end of the file. */
function lastQuote(document: Document): number | undefined {
  let last: number | undefined;
  visit(document, {
    Scalar: (_, scalar) => {
      if (scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE') last = scalar.range?.[0];
    },
  });
  return last;
}

function tooDeep(): string {
  return `expected at most ${MAX_DEPTH} levels, got more`;
}

function isDeep(value: unknown, left: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return left === 0 || Object.values(value).some((item) => isDeep(item, left - 1));
}
