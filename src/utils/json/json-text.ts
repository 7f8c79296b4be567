import type { JsonKind } from './json-kind.js';
import { JSON_KIND } from './json-kind.js';

/** A value's place in a message: its kind and the bytes [start, stop), quotes included. */
export interface JsonSpan {
  readonly kind: JsonKind;
  readonly start: number;
  readonly stop: number;
  readonly escaped: boolean;
}

/** The text of a string's bytes [start, stop) between its quotes, escapes resolved. */
export function stringText(bytes: Buffer, start: number, stop: number, escaped: boolean): string {
  if (escaped) return JSON.parse(bytes.toString('utf8', start, stop)) as string;
  return bytes.toString('utf8', start + 1, stop - 1);
}

/** A scalar as the JavaScript value that `JSON.parse` would give; for comparisons, never for a cell. */
export function scalarValue(bytes: Buffer, span: JsonSpan): string | number | boolean | null | undefined {
  switch (span.kind) {
    case JSON_KIND.null:
      return null;
    case JSON_KIND.true:
      return true;
    case JSON_KIND.false:
      return false;
    case JSON_KIND.string:
      return stringText(bytes, span.start, span.stop, span.escaped);
    case JSON_KIND.number:
      return Number(bytes.toString('latin1', span.start, span.stop));
    default:
      return undefined;
  }
}
