import type { ClientBase } from 'pg';
import { assertRowCount, copyRows, type EncodedRows, LONG_MS } from './copy-rows.js';
import { quoteIdentifier, quoteLiteral, quoteTable } from './identifiers.js';
import { defaultOf } from './insert-with-defaults.js';
import { createSource, isAbsent, listColumns, ORDER, PRESENCE, SOURCE } from './row-source.js';
import { copyColumns, REST_COLUMN, type TablePlan } from './table-plan.js';

/** Number of the advisory locks under which rows are merged: "merg" in ASCII. */
const MERGE_LOCK = 0x6d657267;

/** Which keys of rows go to which column. */
export type KeyNames = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Puts rows into a table by their key, as if one after the other: a row that is there takes on the values that the new
 * one has keys for, null too, and keeps the others, those in `_rest` as well.
 *
 * @returns how many rows another row of the same key took in
 */
export async function mergeRows(
  client: ClientBase,
  plan: TablePlan,
  rows: EncodedRows & { readonly keyNames: KeyNames },
): Promise<number> {
  const merge = new Merge(plan, rows.keyNames);
  // Another merge into the table could add a row between our look for it and our change.
  await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [MERGE_LOCK, merge.target]);
  await client.query(createSource(plan));
  await copyRows(client, { table: SOURCE, columns: [...copyColumns(plan), PRESENCE] }, rows);
  rows.onProgress(LONG_MS);
  const { all, keys, partial } = await merge.count(client);
  const isFolded = partial > 0 || plan.hasRest;
  if (isFolded) await client.query(merge.lockPresent());
  const { rowCount } = await client.query(isFolded ? merge.insertFolded() : merge.insertNewest());
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
  return `ON CONFLICT (${listColumns(keys)}) DO UPDATE SET ${set}`;
}

/** What came: rows, different keys, and rows that have no key for some column. */
interface SourceCounts {
  readonly all: number;
  readonly keys: number;
  readonly partial: number;
}

/** The statements of a merge. */
class Merge {
  readonly target: string;
  readonly #plan: TablePlan;
  readonly #keyNames: KeyNames;
  readonly #columns: readonly string[];
  readonly #keys: readonly string[];

  constructor(plan: TablePlan, keyNames: KeyNames) {
    this.#plan = plan;
    this.#keyNames = keyNames;
    this.target = quoteTable(plan.schema, plan.table);
    this.#columns = copyColumns(plan);
    this.#keys = plan.policy.primaryKey;
  }

  async count(client: ClientBase): Promise<SourceCounts> {
    const { rows } = await client.query<SourceCounts>(
      `SELECT count(*)::float8 AS all, count(*) FILTER (WHERE strpos(${PRESENCE}, '0') > 0)::float8 AS partial,
              (SELECT count(*) FROM (SELECT FROM ${SOURCE} GROUP BY ${listColumns(this.#keys)}) k)::float8 AS keys
         FROM ${SOURCE}`,
    );
    return rows[0] as SourceCounts;
  }

  /** Every row has a key for every column, so the newest of each key stands for all. */
  insertNewest(): string {
    const keys = listColumns(this.#keys);
    const columns = listColumns(this.#columns);
    return `INSERT INTO ${this.target} (${columns})
      SELECT DISTINCT ON (${keys}) ${columns} FROM ${SOURCE} ORDER BY ${keys}, ${ORDER} DESC
      ${onConflict(this.#plan)}`;
  }

  /** Nobody else changes the rows between our look at them and our change. */
  lockPresent(): string {
    return `SELECT count(*) FROM (SELECT FROM ${this.target} t
      WHERE EXISTS (SELECT FROM ${SOURCE} s WHERE ${this.#same('s', 't')}) FOR UPDATE) AS locked`;
  }

  /** Per key and column, the value of the newest row that has a key for it, and else the one that is there. */
  insertFolded(): string {
    const keys = listColumns(this.#keys);
    const newest = this.#columns.map((_, i) => `${this.#newestWith(i)} AS ${numbered(i)}`);
    return `WITH folded AS (SELECT ${keys}, ${newest.join(', ')} FROM ${SOURCE} GROUP BY ${keys})${this.#rests()}
      INSERT INTO ${this.target} (${listColumns(this.#columns)})
      SELECT ${this.#columns.map((name, i) => this.#folded(name, i)).join(', ')}
        FROM folded f LEFT JOIN ${this.target} t ON ${this.#same('f', 't')}
        ${this.#plan.hasRest ? `LEFT JOIN rests r ON ${this.#same('f', 'r')}` : ''}
      ${onConflict(this.#plan)}`;
  }

  /** Metadata is every row's own. */
  #newestWith(i: number): string {
    const isKeyed = i < this.#plan.columns.length;
    return isKeyed ? `max(${ORDER}) FILTER (WHERE NOT ${isAbsent(PRESENCE, i)})` : `max(${ORDER})`;
  }

  /** Per key, what the rows have in `_rest`, of a member that several have the newest. */
  #rests(): string {
    if (!this.#plan.hasRest) return '';
    const keys = this.#keys.map((name) => `s.${quoteIdentifier(name)}`).join(', ');
    return `, rests AS (SELECT ${keys}, jsonb_object_agg(e.key, e.value ORDER BY s.${ORDER}) AS members
      FROM ${SOURCE} s CROSS JOIN LATERAL jsonb_each(s.${quoteIdentifier(REST_COLUMN)}) AS e (key, value) GROUP BY ${keys})`;
  }

  #folded(name: string, i: number): string {
    const column = quoteIdentifier(name);
    if (this.#keys.includes(name)) return `f.${column}`;
    if (name === REST_COLUMN) return this.#foldedRest();
    const planned = this.#plan.columns[i];
    const isNew = `t.${quoteIdentifier(this.#keys[0] as string)} IS NULL`;
    const hasDefault = planned !== undefined && planned.defaultText !== null;
    const kept = hasDefault
      ? `CASE WHEN ${isNew} THEN ${defaultOf(planned)} ELSE t.${column} END`
      : `t.${column}`;
    return `CASE WHEN f.${numbered(i)} IS NULL THEN ${kept} ELSE ${inNewest(column, i)} END`;
  }

  /** What is there and what came, without that for which a newer row has a value in a column. */
  #foldedRest(): string {
    const column = quoteIdentifier(REST_COLUMN);
    const moved = this.#plan.columns.map(({ name }, i) => {
      // No key of `_rest` has the character U+0000, nor may a statement.
      const known = [...(this.#keyNames.get(name) ?? []), name].filter((key) => !key.includes('\0'));
      const keys = known.map(quoteLiteral).join(', ');
      const isInRest = inNewest(`${column} ?| ARRAY[${keys}]`, i);
      return `CASE WHEN f.${numbered(i)} IS NOT NULL AND NOT coalesce(${isInRest}, false) THEN ARRAY[${keys}] ELSE '{}' END::text[]`;
    });
    const removed = moved.length === 0 ? "'{}'::text[]" : moved.join(' || ');
    return `NULLIF((coalesce(t.${column}, '{}') || coalesce(r.members, '{}')) - (${removed}), '{}')`;
  }

  #same(a: string, b: string): string {
    return this.#keys
      .map(quoteIdentifier)
      .map((name) => `${a}.${name} = ${b}.${name}`)
      .join(' AND ');
  }
}

/** The number of the newest row that has a key for the `i`-th column; no column of a table is called so. */
function numbered(i: number): string {
  return `_socket_el_newest_${i}`;
}

/** An expression over that row. */
function inNewest(expression: string, i: number): string {
  return `(SELECT s.${expression} FROM ${SOURCE} s WHERE s.${ORDER} = f.${numbered(i)})`;
}
