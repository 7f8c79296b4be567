/** The types that a column can have: `text` is what any value can become, `timestamp` counts microseconds UTC. */
export type ValueType = 'bool' | 'int64' | 'double' | 'text' | 'timestamp' | 'json';

/** The columns that a stage's files had so far with their types, in order. Plain JSON; pairs, because a key may be `__proto__`. */
export type ColumnTypes = readonly (readonly [name: string, type: ValueType])[];

interface Values<T extends ValueType, V> {
  readonly name: string;
  readonly type: T;
  /** One place a row; where there is no value it holds 0, or null for text. */
  readonly values: V;
  /** One byte a row: 1 where there is a value. */
  readonly valid: Uint8Array;
  readonly nulls: number;
}

/** One column: bool as 0 and 1, timestamps as microseconds since 1970, json as its text with every digit as received. */
export type Column =
  | Values<'bool', Uint8Array>
  | Values<'int64' | 'timestamp', BigInt64Array>
  | Values<'double', Float64Array>
  | Values<'text' | 'json', readonly (string | null)[]>;

/** The rows of some batches, column by column, and what became of their messages. */
export interface ColumnTable {
  readonly rows: number;
  /** In the order of {@link types}, then the metadata columns, then `_rest` where there is one. */
  readonly columns: readonly Column[];
  /** What the next file of the stage has to know: all columns but the metadata. */
  readonly types: ColumnTypes;
  readonly decodedMessages: number;
  readonly ignoredMessages: number;
  readonly deadMessages: number;
  readonly deadRows: number;
}
