import { messageOf } from '../errors.js';
import { JSON_KIND } from '../json/json-kind.js';
import { JsonScanner, malformed } from '../json/json-scanner.js';
import { type JsonSpan, scalarValue } from '../json/json-text.js';
import { type JsonPointer, parseJsonPointer } from '../json-pointer.js';
import type { DecodeSettings, Scalar } from './decode-settings.js';
import { NOT_FAST, readFast, UNKNOWN_END } from './fast-lane.js';
import { elementsOf, findSpans, takeSpan } from './find-spans.js';
import { RowCells } from './row-cells.js';

/** Receives what a message holds. `cells` are valid only during the call. */
export interface RowVisitor {
  row(cells: RowCells): void;
  /** An element, bytes [start, stop), that is no row. */
  deadRow(start: number, stop: number, reason: string): void;
}

/** The settings that say where in a message its rows are. */
export type RowPlace = Pick<DecodeSettings, 'decode' | 'records' | 'include' | 'ignore'>;

const NEWLINE = 0x0a;

/** The one key of a row that is text. */
const TEXT_KEY = 'message';

interface Condition {
  readonly pointer: JsonPointer;
  readonly value: Scalar;
}

interface IgnoreRule {
  readonly conditions: readonly Condition[];
}

interface IncludedCell {
  readonly key: string;
  readonly span: JsonSpan;
}

/** Finds the rows in messages: `records`, then `include`, then `ignore`, in the order of the configuration's page. */
export class MessageDecoder {
  readonly #scanner = new JsonScanner();
  readonly #cells = new RowCells();
  readonly #isText: boolean;
  readonly #records: JsonPointer | undefined;
  readonly #recordsText: string;
  readonly #include: readonly { readonly key: string; readonly pointer: JsonPointer }[];
  readonly #ignore: readonly IgnoreRule[];
  /** Messages that are no JSON and ignored all the same. */
  readonly #ignoredTexts: ReadonlySet<string>;
  /** Whether an object is one row, and its own members are all that decides on it. */
  readonly #isFlat: boolean;

  constructor(settings: RowPlace) {
    this.#isText = settings.decode === 'text';
    this.#recordsText = settings.records ?? '';
    this.#records = settings.records === undefined ? undefined : pointerOf(settings.records);
    this.#include = Object.entries(settings.include).map(([key, text]) => ({
      key,
      pointer: pointerOf(text),
    }));
    this.#ignoredTexts = new Set(settings.ignore.filter((rule) => typeof rule === 'string'));
    const rules = settings.ignore.filter((rule) => typeof rule !== 'string');
    this.#ignore = rules.map((rule) => ({
      conditions: Object.entries(rule).map(([text, value]) => ({ pointer: pointerOf(text), value })),
    }));
    const isShallow = this.#ignore.every(({ conditions }) =>
      conditions.every(({ pointer }) => pointer.length === 1),
    );
    this.#isFlat = !this.#isText && this.#records === undefined && this.#include.length === 0 && isShallow;
  }

  /**
   * Decodes the message that begins at byte `from` and ends before the next newline, if the fast lane can.
   *
   * @returns the position of the newline; `NOT_FAST` when the message is for `decode`, as one is that is ignored
   * @throws SocketElError `row.malformed`, as `decode` would
   */
  decodeFast(bytes: Buffer, from: number, visitor: RowVisitor): number {
    if (!this.#isFlat) return NOT_FAST;
    this.#scanner.reset(bytes, from, UNKNOWN_END);
    const stop = readFast(this.#cells, this.#scanner, from);
    if (stop === NOT_FAST || bytes[stop] !== NEWLINE) return NOT_FAST;
    if (this.#ignore.length > 0 && this.#ignore.some((rule) => this.#matchesCells(rule))) return NOT_FAST;
    visitor.row(this.#cells);
    return stop;
  }

  /** Whether a rule ignores a message that is no JSON. */
  ignoresText(message: Buffer): boolean {
    return this.#ignoredTexts.size > 0 && this.#ignoredTexts.has(message.toString().trim());
  }

  /** Whether a rule may ignore a row that has the same keys as one that the fast lane read. */
  mayIgnoreLike(cells: RowCells): boolean {
    return this.#ignore.some(({ conditions }) =>
      conditions.every(({ pointer }) => cells.indexOf(pointer[0] as string) >= 0),
    );
  }

  /**
   * Decodes the message in bytes [from, to). Nothing reaches the visitor before the whole message was found well-formed.
   *
   * @returns whether the message was decoded or, by a rule, ignored
   * @throws SocketElError `row.malformed` when the whole message is a dead letter
   */
  decode(bytes: Buffer, from: number, to: number, visitor: RowVisitor): 'decoded' | 'ignored' {
    this.#scanner.reset(bytes, from, to);
    this.#scanner.whitespace();
    const isPlain =
      !this.#isText && this.#records === undefined && this.#include.length === 0 && this.#ignore.length === 0;
    if (isPlain && bytes[this.#scanner.position] === 0x7b) {
      this.#cells.read(this.#scanner);
      this.#scanner.finish();
      visitor.row(this.#cells);
      return 'decoded';
    }
    this.#scanner.value();
    const message = takeSpan(this.#scanner);
    this.#scanner.finish();
    return this.#isText ? this.#decodeText(message, visitor) : this.#decodeEnvelope(message, visitor);
  }

  #decodeText(message: JsonSpan, visitor: RowVisitor): 'decoded' {
    if (message.kind !== JSON_KIND.string)
      throw malformed('expected text, got a JSON document: it was received with decode: json');
    this.#cells.readOne(this.#scanner.bytes, TEXT_KEY, message);
    visitor.row(this.#cells);
    return 'decoded';
  }

  #decodeEnvelope(message: JsonSpan, visitor: RowVisitor): 'decoded' | 'ignored' {
    if (this.#ignore.some((rule) => this.#matches(rule, message))) return 'ignored';
    const included = this.#findIncluded(message);
    const records = this.#findRecords(message);
    if (records.length > 0 && !records.some(isObject)) {
      throw malformed('expected JSON objects as rows, got other values');
    }
    for (const record of records) {
      if (isObject(record)) visitor.row(this.#readRow(record, included));
      else visitor.deadRow(record.start, record.stop, 'expected a JSON object as row, got another value');
    }
    return 'decoded';
  }

  #readRow(record: JsonSpan, included: readonly IncludedCell[]): RowCells {
    this.#scanner.reset(this.#scanner.bytes, record.start, record.stop);
    this.#cells.read(this.#scanner);
    for (const { key, span } of included) this.#cells.include(key, span);
    return this.#cells;
  }

  #findIncluded(message: JsonSpan): readonly IncludedCell[] {
    return this.#include.flatMap(({ key, pointer }) => {
      const span = findSpans(this.#scanner, message, pointer)[0];
      return span === undefined ? [] : [{ key, span }];
    });
  }

  #findRecords(message: JsonSpan): readonly JsonSpan[] {
    if (this.#records === undefined) return this.#topLevel(message);
    const found = findSpans(this.#scanner, message, this.#records);
    if (found.length === 0 && !this.#reachesArray(message, this.#records)) throw this.#notFound();
    return found.flatMap((span) => elementsOf(this.#scanner, span));
  }

  #topLevel(message: JsonSpan): readonly JsonSpan[] {
    if (message.kind === JSON_KIND.object || message.kind === JSON_KIND.array) {
      return elementsOf(this.#scanner, message);
    }
    throw malformed('expected a JSON object or an array of objects, got a single value');
  }

  /** An empty array before a `*` holds no rows; a missing one means that the message has another shape. */
  #reachesArray(message: JsonSpan, pointer: JsonPointer): boolean {
    const star = pointer.indexOf('*');
    const before = star < 0 ? [] : findSpans(this.#scanner, message, pointer.slice(0, star));
    return before.some((span) => span.kind === JSON_KIND.array);
  }

  #matchesCells({ conditions }: IgnoreRule): boolean {
    const cells = this.#cells;
    return conditions.every(({ pointer, value }) => {
      const i = cells.indexOf(pointer[0] as string);
      return i >= 0 && scalarValue(cells.bytes, cells.span(i)) === value;
    });
  }

  #notFound(): Error {
    return malformed(
      `expected rows at records: ${this.#recordsText}, got a message without it; an ignore: rule can skip such messages`,
    );
  }

  #matches(rule: IgnoreRule, message: JsonSpan): boolean {
    return rule.conditions.every(({ pointer, value }) =>
      findSpans(this.#scanner, message, pointer).some(
        (span) => scalarValue(this.#scanner.bytes, span) === value,
      ),
    );
  }
}

/** Says why a message is a dead letter, or throws on what is no fault of the message. */
export function deadReason(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'row.malformed') return messageOf(error);
  throw error;
}

function isObject({ kind }: JsonSpan): boolean {
  return kind === JSON_KIND.object;
}

function pointerOf(text: string): JsonPointer {
  const pointer = parseJsonPointer(text);
  if (pointer === undefined) throw malformed(`expected a JSON pointer such as /data/trades, got "${text}"`);
  return pointer;
}
