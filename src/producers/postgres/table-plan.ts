import type { ColumnSetting, DecodeSettings } from '../../utils/rows/decode-settings.js';
import type { Catalogue, CatalogueColumn } from './catalogue.js';
import type { CellEncoder } from './encode/cell-encoder.js';
import { encoderFor } from './encode/encoder-for.js';
import { columnName } from './identifiers.js';

/** The column for what fits no other. */
export const REST_COLUMN = '_rest';

/** A column of the COPY, in its order. */
export interface PlannedColumn {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly encode: CellEncoder;
}

/** The types of metadata columns; one of another type is left alone. */
export const METADATA_TYPES = { received_at: 'timestamptz', connection: 'int8' } as const;

type Metadata = DecodeSettings['metadata'][number];

/**
 * How the rows of one source go into one table: which key goes to which column, and how it is encoded. It is made for
 * one state of the table; when that changes, another plan takes its place.
 */
export interface TablePlan {
  readonly schema: string;
  readonly table: string;
  readonly catalogue: Catalogue;
  /** Columns of keys that were seen, and those that must have a value. After them the COPY has the metadata columns, then `_rest` when `hasRest`. */
  readonly columns: readonly PlannedColumn[];
  readonly metadata: readonly Metadata[];
  readonly hasRest: boolean;
  /** Columns that get no values: theirs go into `_rest`. */
  readonly restKeys: ReadonlySet<string>;
  /** The table's column for a key of a row. */
  readonly columnOf: (key: string) => string;
}

/** What a plan is made from. */
export interface PlanInput {
  readonly schema: string;
  readonly table: string;
  readonly decode: DecodeSettings;
  /** Columns that rows have had values for; the others are left to the table's defaults. */
  readonly active: ReadonlySet<string>;
  readonly restKeys: ReadonlySet<string>;
}

/** Plans for a table as the catalogue has it: its types win. */
export function planTable(input: PlanInput, catalogue: Catalogue): TablePlan {
  const { schema, table, decode, active, restKeys } = input;
  const renamed = new Map(Object.entries(decode.rename));
  const metadata = decode.metadata.filter((name) => catalogue?.get(name)?.type === METADATA_TYPES[name]);
  const known = [...(catalogue?.values() ?? [])].filter(
    ({ name, isRequired }) => isRequired || active.has(name),
  );
  return {
    schema,
    table,
    catalogue,
    columns: known.map((column) => planColumn(column, decode)).filter((column) => column !== undefined),
    metadata,
    hasRest: catalogue?.get(REST_COLUMN)?.type === 'jsonb',
    restKeys,
    columnOf: (key) => columnName(renamed.get(key) ?? key, decode.metadata),
  };
}

/** The names of the COPY's columns, in its order. */
export function copyColumns(plan: TablePlan): readonly string[] {
  return [...plan.columns.map(({ name }) => name), ...plan.metadata, ...(plan.hasRest ? [REST_COLUMN] : [])];
}

function planColumn(column: CatalogueColumn, decode: DecodeSettings): PlannedColumn | undefined {
  const isOurs = column.name === REST_COLUMN || decode.metadata.some((name) => name === column.name);
  if (isOurs || !column.isWritable) return undefined;
  const setting = columnSetting(decode, column.name);
  const encode = encoderFor({
    type: column.type,
    modifier: column.modifier,
    unit: setting?.unit,
    isDeclared: setting !== undefined,
  });
  if (encode === undefined) return undefined;
  return { name: column.name, type: column.type, isRequired: column.isRequired, encode };
}

/** What `columns:` says of a column. */
export function columnSetting({ columns }: DecodeSettings, name: string): ColumnSetting | undefined {
  return Object.hasOwn(columns, name) ? columns[name] : undefined;
}
