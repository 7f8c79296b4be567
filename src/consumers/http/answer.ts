import { JSON_KIND } from '../../utils/json/json-kind.js';
import { JsonScanner } from '../../utils/json/json-scanner.js';
import { type JsonSpan, scalarValue } from '../../utils/json/json-text.js';
import { type JsonPointer, parseJsonPointer } from '../../utils/json-pointer.js';
import { findSpans, takeSpan } from '../../utils/rows/find-spans.js';

/** An answer of the server, read whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Whether each line of the body is a message of its own. */
export function isLines({ headers }: HttpAnswer): boolean {
  return /\b(x-)?(ndjson|jsonl|jsonlines|json-lines)\b/i.test(headers.get('content-type') ?? '');
}

/** Whether the body holds nothing: no bytes, or an empty array. */
export function isNothing({ body }: HttpAnswer): boolean {
  return body.length < 64 && /^\s*(\[\s*\])?\s*$/.test(body.toString());
}

/**
 * The last value that a pointer reaches in the body, each line of which may be a document of its own; numbers with every
 * digit.
 *
 * @returns undefined when it reaches none, or what is no JSON
 */
export function lastValue(answer: HttpAnswer, pointer: string): string | undefined {
  const parsed = parseJsonPointer(pointer) ?? [];
  const documents = isLines(answer) ? linesOf(answer.body) : [answer.body];
  const values = documents.flatMap((document) => valuesIn(document, parsed));
  return values.at(-1);
}

/** The address of the next page by the header Link (RFC 8288); undefined when there is none. */
export function nextLink({ headers }: HttpAnswer): string | undefined {
  const links = (headers.get('link') ?? '').matchAll(/<([^>]*)>([^<]*)/g);
  for (const [, target, parameters] of links)
    if (/;\s*rel\s*=\s*("[^"]*\bnext\b[^"]*"|next\b)/i.test(parameters ?? '')) return target;
  return undefined;
}

function valuesIn(document: Buffer, pointer: JsonPointer): readonly string[] {
  try {
    const scanner = new JsonScanner();
    scanner.reset(document, 0, document.length);
    scanner.value();
    return findSpans(scanner, takeSpan(scanner), pointer).flatMap((span) => textOf(document, span));
  } catch {
    // What is no JSON document becomes a dead letter, with the reason, when it is decoded.
    return [];
  }
}

function textOf(document: Buffer, span: JsonSpan): readonly string[] {
  if (span.kind === JSON_KIND.number) return [document.toString('utf8', span.start, span.stop)];
  const value = scalarValue(document, span);
  return typeof value === 'string' && value !== '' ? [value] : [];
}

function linesOf(body: Buffer): readonly Buffer[] {
  return body
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Buffer.from(line));
}
