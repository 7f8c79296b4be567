import { JSON_KIND } from '../json/json-kind.js';
import { JsonScanner } from '../json/json-scanner.js';
import { type JsonSpan, scalarValue } from '../json/json-text.js';
import { type JsonPointer, parseJsonPointer } from '../json-pointer.js';
import { findSpans } from './find-spans.js';
import type { RowCells } from './row-cells.js';
import { ROUTE_ELSE, type TableRoute } from './table-setting.js';
import { DISCARDED, type RowVerdict } from './visit-batch.js';

/** Where a row goes: its table, or what becomes of it instead. */
export type Destination = { readonly table: string } | { readonly verdict: RowVerdict };

/** Decides on the table of each row. */
export class TableRouter {
  readonly #route: TableRoute;
  readonly #key: string;
  readonly #below: JsonPointer;
  readonly #scanner = new JsonScanner();
  readonly #destinations: ReadonlyMap<string, Destination>;

  constructor(route: TableRoute) {
    const [key = '', ...below] = parseJsonPointer(route.from) ?? [];
    this.#route = route;
    this.#key = key;
    this.#below = below;
    this.#destinations = new Map(Object.entries(route.map).map(([value, table]) => [value, { table }]));
  }

  /** Every table that rows may go to. */
  static tablesOf(route: TableRoute): readonly string[] {
    const others = Object.hasOwn(ROUTE_ELSE, route.else) ? [] : [route.else];
    return [...new Set([...Object.values(route.map), ...others])];
  }

  destinationOf(cells: RowCells): Destination {
    const value = this.#valueIn(cells);
    return (value === undefined ? undefined : this.#destinations.get(value)) ?? this.#otherwise(value);
  }

  #valueIn(cells: RowCells): string | undefined {
    const at = cells.keys.indexOf(this.#key);
    if (at < 0 || at >= cells.count) return undefined;
    const span = this.#below.length === 0 ? cells.span(at) : this.#spanBelow(cells, cells.span(at));
    const value = span && span.kind !== JSON_KIND.null ? scalarValue(cells.bytes, span) : undefined;
    return value === undefined ? undefined : String(value);
  }

  #spanBelow(cells: RowCells, span: JsonSpan): JsonSpan | undefined {
    this.#scanner.reset(cells.bytes, span.start, span.stop);
    return findSpans(this.#scanner, span, this.#below)[0];
  }

  #otherwise(value: string | undefined): Destination {
    const { from, else: other } = this.#route;
    if (other === ROUTE_ELSE.discard) return { verdict: DISCARDED };
    if (other !== ROUTE_ELSE.dead) return { table: other };
    const got = value === undefined ? 'none' : JSON.stringify(value.slice(0, 100));
    return { verdict: `table.from ${from}: expected a value that table.map has, got ${got}` };
  }
}
