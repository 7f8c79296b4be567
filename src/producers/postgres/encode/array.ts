import { JSON_KIND } from '../../../utils/json/json-kind.js';
import { JsonScanner } from '../../../utils/json/json-scanner.js';
import type { JsonSpan } from '../../../utils/json/json-text.js';
import { elementsOf } from '../../../utils/rows/find-spans.js';
import { NOT_SHORT } from '../../../utils/rows/row-cells.js';
import type { CellEncoder, Cells, CellText, ColumnCodec } from './cell-encoder.js';
import type { CopyBuffer } from './copy-buffer.js';

/** PostgreSQL's MAXDIM. */
const MAX_DIMENSIONS = 6;
const LOWER_BOUND = 1;

/** The type of an array's elements. */
export interface ElementType {
  readonly oid: number;
  readonly codec: ColumnCodec;
  /** Whether an array may be an element, as of jsonb; then only arrays of one dimension are made. */
  readonly takesArrays: boolean;
}

interface ParsedArray {
  /** Lengths, the outermost first; none of an empty array. */
  readonly dimensions: readonly number[];
  readonly elements: readonly JsonSpan[];
}

/**
 * Arrays, for JSON arrays whose nested arrays have one length and whose elements fit the element's type.
 *
 * Binary format: `array_recv` in PostgreSQL's src/backend/utils/adt/arrayfuncs.c: int32 dimensions, int32 whether
 * there are nulls, int32 oid of the element's type, per dimension its length and lower bound, then the elements as fields.
 */
export function arrayCodec(element: ElementType): ColumnCodec {
  const reader = new ArrayReader(element.takesArrays);
  const { binary } = element.codec;
  return {
    binary: binary && binaryArray(reader, element.oid, binary),
    text: textArray(reader, element.codec.text),
  };
}

function binaryArray(reader: ArrayReader, oid: number, encode: CellEncoder): CellEncoder {
  return (out, cells, i) => {
    const array = reader.read(cells, i);
    if (array === undefined) return false;
    const start = out.beginField();
    const hasNulls = array.elements.some(({ kind }) => kind === JSON_KIND.null);
    putArrayHeader(out, { dimensions: array.dimensions, hasNulls, oid });
    const elements = asCells(cells, array);
    for (let e = 0; e < array.elements.length; e++) {
      if (elements.kinds[e] === JSON_KIND.null) out.putNull();
      else if (!encode(out, elements, e)) return false;
    }
    out.endField(start);
    return true;
  };
}

/** What comes before the elements. */
export function putArrayHeader(
  out: CopyBuffer,
  { dimensions, hasNulls, oid }: { dimensions: readonly number[]; hasNulls: boolean; oid: number },
): void {
  out.putInt32(dimensions.length);
  out.putInt32(hasNulls ? 1 : 0);
  out.putInt32(oid | 0);
  for (const length of dimensions) {
    out.putInt32(length);
    out.putInt32(LOWER_BOUND);
  }
}

function textArray(reader: ArrayReader, toText: CellText): CellText {
  return (cells, i) => {
    const array = reader.read(cells, i);
    if (array === undefined) return undefined;
    const elements = asCells(cells, array);
    const texts: string[] = [];
    for (let e = 0; e < array.elements.length; e++) {
      const text = elements.kinds[e] === JSON_KIND.null ? 'NULL' : quoted(toText(elements, e));
      if (text === undefined) return undefined;
      texts.push(text);
    }
    return nested(texts, array.dimensions);
  };
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Puts braces around the elements of each dimension, the innermost first. */
function nested(texts: readonly string[], dimensions: readonly number[]): string {
  let level = texts;
  for (const length of [...dimensions].reverse()) {
    level = Array.from(
      { length: level.length / length },
      (_, at) => `{${level.slice(at * length, (at + 1) * length).join(',')}}`,
    );
  }
  return level[0] ?? '{}';
}

function asCells({ bytes }: Cells, { elements }: ParsedArray): Cells {
  return {
    bytes,
    kinds: Uint8Array.from(elements, ({ kind }) => kind),
    starts: Int32Array.from(elements, ({ start }) => start),
    stops: Int32Array.from(elements, ({ stop }) => stop),
    escaped: Uint8Array.from(elements, ({ escaped }) => (escaped ? 1 : 0)),
    scales: new Uint8Array(elements.length).fill(NOT_SHORT),
    numbers: new Float64Array(0),
  };
}

class ArrayReader {
  readonly #scanner = new JsonScanner();
  readonly #maxDimensions: number;

  constructor(takesArrays: boolean) {
    this.#maxDimensions = takesArrays ? 1 : MAX_DIMENSIONS;
  }

  /** @returns undefined when cell `i` is no array, or none with one length a dimension */
  read(cells: Cells, i: number): ParsedArray | undefined {
    if (cells.kinds[i] !== JSON_KIND.array) return undefined;
    this.#scanner.reset(cells.bytes, cells.starts[i] as number, cells.stops[i] as number);
    const whole = { kind: JSON_KIND.array, start: cells.starts[i] as number, stop: cells.stops[i] as number };
    let level: readonly JsonSpan[] = elementsOf(this.#scanner, { ...whole, escaped: false });
    const dimensions = [level.length];
    if (level.length === 0) return { dimensions: [], elements: [] };
    while (dimensions.length < this.#maxDimensions && level.every(isArray)) {
      const lists = level.map((span) => elementsOf(this.#scanner, span));
      const length = lists[0]?.length ?? 0;
      if (length === 0 || lists.some((list) => list.length !== length)) return undefined;
      dimensions.push(length);
      level = lists.flat();
    }
    return { dimensions, elements: level };
  }
}

function isArray({ kind }: JsonSpan): boolean {
  return kind === JSON_KIND.array;
}
