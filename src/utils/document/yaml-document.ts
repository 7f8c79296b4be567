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
import { findKeyFaults, keyText } from './yaml-keys.js';
import { describeSyntax } from './yaml-syntax.js';

const MAX_ALIASES = 100;
const MAX_DEPTH = 100;

type What = Pick<Problem, 'code' | 'message' | 'hint'>;

/** A YAML file as plain data, with the way back from a path to its line and column. */
export class YamlDocument {
  readonly file: string;
  readonly value: unknown;
  /** Whether its text and values must not be shown, as those of a profile. */
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
    this.#lines = text.split('\n');
    this.#document = this.#parse(text);
    this.#assertWellFormed();
    this.value = this.#toPlain();
    if (isDeep(this.value, MAX_DEPTH)) this.#fail(0, { code: 'config.yaml', message: tooDeep() });
  }

  /** A problem at the value a path leads to, or at its key. */
  problem(path: DocumentPath, at: 'key' | 'value', what: What): Problem {
    return { ...what, path, ...this.#placed(this.#offsetOf(path, at)) };
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
    if (error !== undefined) {
      const line = this.#lines[this.#placed(error.pos[0]).line - 1] ?? '';
      this.#fail(error.pos[0], describeSyntax(error.code, error.message, line));
    }
    const { explicit, version } = this.#document.directives?.yaml ?? {};
    if (explicit && version !== '1.2')
      this.#fail(0, { code: 'config.yaml', message: `expected YAML 1.2, got %YAML ${version}` });
    const tags = this.#document.warnings.map((warning) => ({
      offset: warning.pos[0],
      ...describeSyntax(warning.code, warning.message, ''),
    }));
    const lineOf = (offset: number) => this.#placed(offset).line;
    const faults = [...tags, ...findKeyFaults(this.#document.contents, lineOf), ...this.#unknownAliases()];
    throwProblems(faults.map(({ offset, ...what }) => ({ ...what, path: [], ...this.#placed(offset) })));
  }

  #unknownAliases(): readonly (What & { readonly offset: number })[] {
    const unknown: (What & { readonly offset: number })[] = [];
    visit(this.#document, {
      Alias: (_, alias) => {
        if (alias.resolve(this.#document) !== undefined) return;
        const message = `expected the name of an anchor above, got *${alias.source}`;
        unknown.push({ offset: alias.range?.[0] ?? 0, code: 'config.unknown_name', message });
      },
    });
    return unknown;
  }

  #toPlain(): unknown {
    try {
      const value: unknown = this.#document.toJS({ maxAliasCount: MAX_ALIASES });
      JSON.stringify(value);
      return value;
    } catch (error) {
      const { message } = error as Error;
      const isCircle = message.includes('circular') || error instanceof RangeError;
      const expected = isCircle
        ? 'no alias within its own anchor'
        : `at most ${MAX_ALIASES} uses of anchors, and only maps merged`;
      this.#fail(0, {
        code: 'config.yaml',
        message: `expected ${expected}, got: ${message.split('\n', 1)[0]}`,
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
    return this.#stepIntoMerged(node.items.find((candidate) => keyText(candidate) === '<<')?.value, part);
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

function tooDeep(): string {
  return `expected at most ${MAX_DEPTH} levels, got more`;
}

function isDeep(value: unknown, left: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return left === 0 || Object.values(value).some((item) => isDeep(item, left - 1));
}
