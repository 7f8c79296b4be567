import type { ColumnSetting, DecodeSettings } from '../../utils/rows/decode-settings.js';
import type { Catalogue, CatalogueColumn } from './catalogue.js';
import type { TablePolicy } from './disposition.js';
import type { ColumnCodec } from './encode/cell-encoder.js';
import { codecFor } from './encode/codec-for.js';
import { columnName } from './identifiers.js';

/** The column for what fits no other. */
export const REST_COLUMN = '_rest';

/** Of a table with no more, all columns without a default are in the plan from the beginning: NULL is what they would get. */
const FEW_COLUMNS = 50;

/** So many names of columns are remembered by their keys. */
const MAX_NAMES = 4096;

/** A column of the COPY, in its order. */
export interface PlannedColumn {
  readonly name: string;
  readonly type: string;
  readonly typeName: string;
  readonly isNotNull: boolean;
  /** Whether a row without a key for it cannot be loaded. */
  readonly isRequired: boolean;
  /** The expression for rows that have no key for it; null where that is NULL. */
  readonly defaultText: string | null;
  readonly codec: ColumnCodec;
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
  readonly policy: TablePolicy;
  /** Columns of keys that were seen, those that must have a value, and of a small table all without a default. After them the COPY has the metadata columns, then `_rest` when `hasRest`. */
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
  readonly policy: TablePolicy;
  /** Columns that rows have had values for; the others are left to the table's defaults. */
  readonly active: ReadonlySet<string>;
  readonly restKeys: ReadonlySet<string>;
}

/** Plans for a table as the catalogue has it: its types win. */
export function planTable(input: PlanInput, catalogue: Catalogue): TablePlan {
  const { schema, table, decode, policy, active, restKeys } = input;
  const renamed = new Map(Object.entries(decode.rename));
  const present = catalogue?.columns;
  const metadata = decode.metadata.filter((name) => present?.get(name)?.type === METADATA_TYPES[name]);
  const keys = policy.disposition === 'merge' ? policy.primaryKey : [];
  const isNarrow = (present?.size ?? 0) <= FEW_COLUMNS;
  const known = [...(present?.values() ?? [])].filter(
    ({ name, isRequired, defaultText }) =>
      isRequired || active.has(name) || keys.includes(name) || (isNarrow && defaultText === null),
  );
  const names = new Map<string, string>();
  return {
    schema,
    table,
    catalogue,
    policy,
    columns: known.flatMap((column) => planColumn(column, decode, keys)),
    metadata,
    hasRest: policy.contract === 'evolve' && present?.get(REST_COLUMN)?.type === 'jsonb',
    restKeys,
    columnOf: (key) => {
      const known = names.get(key);
      if (known !== undefined) return known;
      const name = columnName(renamed.get(key) ?? key, decode.metadata);
      if (names.size < MAX_NAMES) names.set(key, name);
      return name;
    },
  };
}

/** The names of the COPY's columns, in its order. */
export function copyColumns(plan: TablePlan): readonly string[] {
  return [...plan.columns.map(({ name }) => name), ...plan.metadata, ...(plan.hasRest ? [REST_COLUMN] : [])];
}

/** Whether a type of a column has no binary encoder, so that the table is loaded by a text COPY. */
export function needsText(plan: TablePlan): boolean {
  return plan.columns.some(({ codec }) => codec.binary === undefined);
}

function planColumn(
  column: CatalogueColumn,
  decode: DecodeSettings,
  keys: readonly string[],
): readonly PlannedColumn[] {
  const { name, type, typeName, isWritable, isNotNull, isRequired, defaultText } = column;
  const isKey = keys.includes(name);
  const isOurs = name === REST_COLUMN || decode.metadata.some((metadata) => metadata === name);
  if (isOurs || !isWritable) return [];
  const codec = codecFor(column, columnSetting(decode, name));
  const needs = { isNotNull: isNotNull || isKey, isRequired: isRequired || isKey };
  return [{ name, type, typeName, ...needs, defaultText, codec }];
}

/** What `columns:` says of a column. */
export function columnSetting({ columns }: DecodeSettings, name: string): ColumnSetting | undefined {
  return Object.hasOwn(columns, name) ? columns[name] : undefined;
}
