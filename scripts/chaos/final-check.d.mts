import type { ClientBase } from 'pg';

export interface Owed {
  readonly table: string;
  readonly columns: readonly string[];
  readonly lines: Iterable<Buffer> | AsyncIterable<Buffer>;
}

export interface Finding {
  readonly table: string;
  readonly owed: number;
  readonly rows: number;
  readonly lost: number;
  readonly doubled: number;
  readonly examples: readonly string[];
}

export function checkTable(client: ClientBase, owed: Owed): Promise<Finding>;
export function gapSql(schema: string, table: string): string;
