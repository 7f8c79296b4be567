import { JSON_KIND } from '../json/json-kind.js';
import type { JsonScanner } from '../json/json-scanner.js';
import { type JsonSpan, stringText } from '../json/json-text.js';
import type { JsonPointer } from '../json-pointer.js';

/** All values that a pointer reaches in the value `within`; a `*` reaches every element of an array. */
export function findSpans(scanner: JsonScanner, within: JsonSpan, pointer: JsonPointer): readonly JsonSpan[] {
  let found: readonly JsonSpan[] = [within];
  for (const segment of pointer) found = found.flatMap((span) => children(scanner, span, segment));
  return found;
}

/** The elements of an array; a value that is none stands for itself. */
export function elementsOf(scanner: JsonScanner, span: JsonSpan): readonly JsonSpan[] {
  return span.kind === JSON_KIND.array ? children(scanner, span, '*') : [span];
}

function children(scanner: JsonScanner, span: JsonSpan, segment: string): readonly JsonSpan[] {
  if (span.kind === JSON_KIND.object) return members(scanner, span, segment);
  if (span.kind !== JSON_KIND.array) return [];
  const elements = allElements(scanner, span);
  return segment === '*' ? elements : elements.filter((_, index) => String(index) === segment);
}

/** Of a repeated key the last one counts, as with `JSON.parse`. */
function members(scanner: JsonScanner, span: JsonSpan, key: string): readonly JsonSpan[] {
  const { bytes } = scanner;
  let last: JsonSpan | undefined;
  scanner.reset(bytes, span.start, span.stop);
  scanner.open('{');
  for (let first = true; scanner.next('}', first); first = false) {
    scanner.key();
    const isWanted = stringText(bytes, scanner.start, scanner.stop, scanner.escaped) === key;
    scanner.value();
    if (isWanted) last = takeSpan(scanner);
  }
  return last === undefined ? [] : [last];
}

function allElements(scanner: JsonScanner, span: JsonSpan): readonly JsonSpan[] {
  const elements: JsonSpan[] = [];
  scanner.reset(scanner.bytes, span.start, span.stop);
  scanner.open('[');
  for (let first = true; scanner.next(']', first); first = false) {
    scanner.value();
    elements.push(takeSpan(scanner));
  }
  return elements;
}

/** The value that the scanner has just passed. */
export function takeSpan(scanner: JsonScanner): JsonSpan {
  return { kind: scanner.kind, start: scanner.start, stop: scanner.stop, escaped: scanner.escaped };
}
