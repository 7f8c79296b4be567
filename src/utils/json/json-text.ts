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
export function stringText(bytes: Uint8Array, start: number, stop: number, escaped: boolean): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start);
  return escaped ? (JSON.parse(view.toString('utf8')) as string) : view.toString('utf8', 1, view.length - 1);
}

/** A scalar as the JavaScript value that `JSON.parse` would give; for comparisons, never for a cell. */
export function scalarValue(bytes: Uint8Array, span: JsonSpan): string | number | boolean | null | undefined {
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
      return Number(
        Buffer.from(bytes.buffer, bytes.byteOffset + span.start, span.stop - span.start).toString('latin1'),
      );
    default:
      return undefined;
  }
}
