import type { ClientBase } from 'pg';
import { assertRowCount, copyRows, type EncodedRows, LONG_MS } from './copy-rows.js';
import { quoteIdentifier, quoteTable } from './identifiers.js';
import { copyColumns, type TablePlan } from './table-plan.js';

const SOURCE = 'pg_temp._socket_el_merge';
/** Columns of the temporary table beside those of the rows: their order, and which of their columns each row has a key for. */
const ORDER = '_socket_el_n';
const PRESENCE = '_socket_el_present';

/**
 * Puts rows into a table by their key, as if one after the other: a row that is there takes on the values that the new
 * one has keys for, null too, and keeps the others.
 *
 * @returns how many rows another row of the same key took in
 */
export async function mergeRows(client: ClientBase, plan: TablePlan, rows: EncodedRows): Promise<number> {
  const merge = new Merge(plan);
  await client.query(merge.createSource());
  await copyRows(client, { table: SOURCE, columns: [...copyColumns(plan), PRESENCE] }, rows);
  rows.onProgress(LONG_MS);
  const { rows: counts } = await client.query<{ all: string; keys: string; partial: string }>(merge.count());
  const [all, keys, partial] = [counts[0]?.all, counts[0]?.keys, counts[0]?.partial].map(Number) as [
    number,
    number,
    number,
  ];
  if (partial > 0) await client.query(merge.lockPresent());
  const { rowCount } = await client.query(partial > 0 ? merge.insertFolded() : merge.insertNewest());
  assertRowCount(merge.target, keys, rowCount ?? 0);
  await client.query(`DROP TABLE ${SOURCE}`);
  rows.onProgress();
  return all - keys;
}

/** How rows with keys that are there change the rows there. */
export function onConflict(plan: TablePlan): string {
  const keys = plan.policy.primaryKey;
  const others = copyColumns(plan).filter((name) => !keys.includes(name));
  // Without other columns nothing changes, but the rows count.
  const set = (others.length === 0 ? keys : others)
    .map(quoteIdentifier)
    .map((name) => `${name} = EXCLUDED.${name}`)
    .join(', ');
  return `ON CONFLICT (${keys.map(quoteIdentifier).join(', ')}) DO UPDATE SET ${set}`;
}

/** The statements of a merge. */
class Merge {
  readonly target: string;
  readonly #plan: TablePlan;
  readonly #columns: readonly string[];
  readonly #keys: readonly string[];

  constructor(plan: TablePlan) {
    this.#plan = plan;
    this.target = quoteTable(plan.schema, plan.table);
    this.#columns = copyColumns(plan);
    this.#keys = plan.policy.primaryKey;
  }

  /** Of the columns' types, without their constraints. */
  createSource(): string {
    return `CREATE TEMP TABLE ${SOURCE} ON COMMIT DROP AS SELECT ${list(this.#columns)} FROM ${this.target} WITH NO DATA;
      ALTER TABLE ${SOURCE} ADD COLUMN ${ORDER} int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ADD COLUMN ${PRESENCE} text`;
  }

  count(): string {
    return `SELECT count(*) AS all, (SELECT count(*) FROM (SELECT FROM ${SOURCE} GROUP BY ${list(this.#keys)}) k) AS keys,
                   count(*) FILTER (WHERE strpos(${PRESENCE}, '0') > 0) AS partial FROM ${SOURCE}`;
  }

  /** Every row has a key for every column, so the newest of each key stands for all. */
  insertNewest(): string {
    const keys = list(this.#keys);
    return `INSERT INTO ${this.target} (${list(this.#columns)})
      SELECT DISTINCT ON (${keys}) ${list(this.#columns)} FROM ${SOURCE} ORDER BY ${keys}, ${ORDER} DESC
      ${onConflict(this.#plan)}`;
  }

  /** Nobody else changes the rows between our look at them and our change. */
  lockPresent(): string {
    const isSame = this.#same('s', 't');
    return `SELECT count(*) FROM (SELECT FROM ${this.target} t
      WHERE EXISTS (SELECT FROM ${SOURCE} s WHERE ${isSame}) FOR UPDATE) AS locked`;
  }

  /** Per key and column, the value of the newest row that has a key for it, and else the one that is there. */
  insertFolded(): string {
    const newest = this.#columns.map((_, i) => `${this.#newestWith(i)} AS c${i}`);
    return `WITH folded AS (SELECT ${list(this.#keys)}, ${newest.join(', ')} FROM ${SOURCE} GROUP BY ${list(this.#keys)})
      INSERT INTO ${this.target} (${list(this.#columns)})
      SELECT ${this.#columns.map((name, i) => this.#folded(name, i)).join(', ')}
        FROM folded f LEFT JOIN ${this.target} t ON ${this.#same('f', 't')}
      ${onConflict(this.#plan)}`;
  }

  /** Metadata and `_rest` are every row's own. */
  #newestWith(i: number): string {
    const isKeyed = i < this.#plan.columns.length;
    const filter = isKeyed ? ` FILTER (WHERE substr(${PRESENCE}, ${i + 1}, 1) = '1')` : '';
    return `max(${ORDER})${filter}`;
  }

  #folded(name: string, i: number): string {
    const column = quoteIdentifier(name);
    if (this.#keys.includes(name)) return `f.${column}`;
    return `CASE WHEN f.c${i} IS NULL THEN t.${column} ELSE (SELECT s.${column} FROM ${SOURCE} s WHERE s.${ORDER} = f.c${i}) END`;
  }

  #same(a: string, b: string): string {
    return this.#keys
      .map(quoteIdentifier)
      .map((name) => `${a}.${name} = ${b}.${name}`)
      .join(' AND ');
  }
}

function list(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(', ');
}
