import type { DecodeSettings } from '../rows/decode-settings.js';
import type { ColumnBuilder } from './builders/column-builder.js';
import type { Cell } from './cell.js';
import { declaredBuilder, inferBuilders } from './choose-builders.js';
import type { ColumnCells, Contents } from './column-cells.js';
import type { Column, ValueType } from './column-table.js';
import type { RestCells } from './rest-cells.js';

/** What all columns of a table are built from. */
export interface ColumnSources {
  readonly rows: number;
  readonly contents: Contents;
  readonly settings: DecodeSettings['columns'];
  readonly known: ReadonlyMap<string, ValueType>;
  /** Takes what does not fit the type that the settings give a column. */
  readonly rest: RestCells;
}

/** Decodes the values of one column, as the narrowest type that keeps them all unless the settings give it one. */
export function buildColumn(name: string, cells: ColumnCells, sources: ColumnSources): Column {
  const { rows, settings, known } = sources;
  const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (setting !== undefined) return buildDeclared(name, cells, sources, declaredBuilder(setting)(rows));
  for (const create of inferBuilders(cells.seen, known.get(name))) {
    const column = fill(cells, sources, create(rows), () => false);
    if (column !== undefined) return named(name, column);
  }
  throw new Error(`column ${name}: expected its last type to take every value`);
}

function buildDeclared(
  name: string,
  cells: ColumnCells,
  sources: ColumnSources,
  builder: ColumnBuilder,
): Column {
  const column = fill(cells, sources, builder, (row, cell) => {
    sources.rest.add(row, cells.keyOf(row), cell.json());
    return true;
  });
  return named(name, column as Filled);
}

type Filled = Omit<Column, 'name'>;

function named(name: string, filled: Filled): Column {
  return { name, ...filled } as Column;
}

/** @param isTaken whether a value that does not fit is taken elsewhere; if not, there is no column */
function fill(
  cells: ColumnCells,
  { rows, contents }: ColumnSources,
  builder: ColumnBuilder,
  isTaken: (row: number, cell: Cell) => boolean,
): Filled | undefined {
  const { type, values } = builder;
  const valid = new Uint8Array(rows);
  let nulls = rows;
  const isFilled = cells.every(contents, (row, cell) => {
    if (!builder.put(row, cell)) return isTaken(row, cell);
    valid[row] = 1;
    nulls--;
    return true;
  });
  return isFilled ? { type, values, valid, nulls } : undefined;
}
