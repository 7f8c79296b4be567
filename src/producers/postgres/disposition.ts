/** How rows go into a table that has rows. */
export const WRITE_DISPOSITIONS = ['append', 'replace', 'merge'] as const;

/** What happens to a row or value for which the table has no place. */
export const SCHEMA_CONTRACTS = ['evolve', 'freeze', 'discard_row', 'discard_value'] as const;

/** What a table's rows are written by. */
export interface TablePolicy {
  readonly disposition: (typeof WRITE_DISPOSITIONS)[number];
  readonly contract: (typeof SCHEMA_CONTRACTS)[number];
  /** Columns that tell the rows of a merge apart; of a new table its primary key. */
  readonly primaryKey: readonly string[];
  /** Whether rows that the server refuses become dead letters however many they are. */
  readonly isPoisonDead: boolean;
  /** Keys beyond so many columns go into `_rest`. */
  readonly maxColumns: number;
  /** A table with more rows than so many is not rewritten to widen a column. */
  readonly widenLimit: number;
}
