import { expect, test } from 'vitest';
import type { RunnerSummary } from '../../support/cli.js';
import { DEAD, type Drift } from './drift.js';
import { Loading } from './loading.js';
import { NAME_DRIFTS } from './name-drifts.js';
import { VALUE_DRIFTS } from './value-drifts.js';

const CONTRACTS = ['evolve', 'freeze', 'discard_row', 'discard_value'] as const;
type Contract = (typeof CONTRACTS)[number];

/** What is in the table of a drift. */
interface Found {
  readonly old: readonly string[];
  readonly rows: readonly string[];
  readonly types: Readonly<Record<string, string>>;
}

const DRIFTS = [...VALUE_DRIFTS, ...NAME_DRIFTS];

/** The tables by drift: all are loaded at once, each row into that of its key `t`. */
const TABLES = DRIFTS.map((drift, i) => ({ drift, name: `d${i}` }));
const INSTANT = 'timestamp with time zone';
const NOTHING = '{}';

const consumer = [
  `table: {from: /t, map: {${TABLES.map(({ name }) => `${name}: ${name}`).join(', ')}}, else: nothing}`,
  'metadata: [received_at]',
  'rename: {renamed: price}',
];

const tagged = (name: string, json: string): string =>
  json === '{}' ? `{"t":"${name}"}` : `{"t":"${name}",${json.slice(1)}`;

const linesBefore = () => TABLES.flatMap(({ drift, name }) => drift.before.map((json) => tagged(name, json)));
const linesAfter = () =>
  TABLES.flatMap(({ drift, name }) => drift.after.map(({ json }) => tagged(name, json)));

async function changeTables({ database }: Loading): Promise<void> {
  for (const { drift, name } of TABLES)
    if (drift.between !== undefined) await database.query(drift.between.replaceAll('$table', `test.${name}`));
}

/** The rows of a table as {@link Loading.rows} gives them, without what every table has. */
async function rowsOf({ database }: Loading, name: string): Promise<string[]> {
  const types = await database.query<{ name: string }>(
    `SELECT quote_ident(attname) AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0
     AND NOT attisdropped AND attname NOT IN ('t', 'received_at') ORDER BY attnum`,
    [`test.${name}`],
  );
  const columns = types.map((column) => column.name).join(', ');
  const found = await database.query<{ row: string }>(
    `SELECT json_strip_nulls(row_to_json(r))::text AS row FROM (SELECT ${columns} FROM test.${name} ORDER BY ctid) r`,
  );
  return found.map(({ row }) => row);
}

async function typesOf({ database }: Loading, name: string): Promise<Record<string, string>> {
  const { t: _, ...types } = await database.columnTypes(`test.${name}`);
  return types;
}

/** A column that the table did not have is of integers, unless the drift says otherwise. */
function newTypes(after: Drift['after']): Record<string, string> {
  const names = after.flatMap(({ evolve = '{}' }) => Object.keys(JSON.parse(evolve) as object));
  return Object.fromEntries(names.filter((name) => !name.startsWith('_')).map((name) => [name, 'bigint']));
}

/** What each drift must come to; `before` is what the table was like before. */
function expected({ after, types = {} }: Drift, before: Found, contract: Contract): Found {
  const isWhole = contract === 'evolve' || contract === 'discard_value';
  const landing = isWhole ? after : after.filter(({ fits }) => fits);
  const rows = landing.map((line) => (contract === 'discard_value' ? line.discardValue : line.evolve));
  return {
    old: before.rows,
    rows: rows.filter((row) => row !== DEAD),
    types:
      contract === 'evolve'
        ? { received_at: INSTANT, ...newTypes(after), ...before.types, ...types }
        : before.types,
  };
}

function expectedDead(contract: Contract): string[] {
  return TABLES.flatMap(({ drift, name }) =>
    drift.after
      .filter(({ evolve, discardValue, fits }) => {
        if (contract === 'freeze') return !fits;
        return (contract === 'evolve' ? evolve : discardValue) === DEAD;
      })
      .map(({ json }) => tagged(name, json)),
  );
}

async function look(loading: Loading, { drift, name }: (typeof TABLES)[number]): Promise<Found> {
  const rows = await rowsOf(loading, name);
  const count = drift.before.length;
  return { old: rows.slice(0, count), rows: rows.slice(count), types: await typesOf(loading, name) };
}

async function lookAtAll(loading: Loading): Promise<Record<string, Found>> {
  const found: Record<string, Found> = {};
  for (const table of TABLES) found[table.drift.title] = await look(loading, table);
  return found;
}

function expectBalanced(summary: RunnerSummary & { readonly discarded?: number }, dead: number): void {
  const { rows, loaded, discarded = 0 } = summary;
  expect(summary).toMatchObject({ status: 'succeeded', restarts: 0, dead });
  const illFormed = linesAfter().filter((line) => line.includes('\\ud83d')).length;
  expect(loaded + dead + discarded).toBe(rows + illFormed);
}

test.each(CONTRACTS)(
  `${DRIFTS.length} drifts end as %s says, and none holds the others up`,
  async (contract) => {
    const loading = await Loading.create({ consumer });
    await loading.database.query("SET TimeZone = 'UTC'");
    loading.expectLoaded(await loading.load(...linesBefore(), NOTHING), linesBefore().length + 1);
    await changeTables(loading);
    const before = await lookAtAll(loading);
    await loading.reconfigure({ consumer, producer: [`schema_contract: ${contract}`] });
    const summary = await loading.load(...linesAfter(), NOTHING);
    const wanted = TABLES.map(({ drift }) => {
      const found = before[drift.title] as Found;
      return [drift.title, expected(drift, { ...found, rows: found.old }, contract)];
    });
    expect(await lookAtAll(loading)).toEqual(Object.fromEntries(wanted));
    const dead = expectedDead(contract);
    const letters = await loading.deadLetters();
    expect(letters.map(({ raw }) => raw).sort()).toEqual(dead.sort());
    for (const { reason } of letters) expect(reason).toMatch(/expected/);
    expectBalanced(summary, dead.length);
    expect(await loading.database.count('test.nothing')).toBe(2);
  },
);

test('drifts within one run, a message a batch, hold nothing up, and every row is somewhere', async () => {
  const loading = await Loading.create({ consumer: [...consumer, 'batch_configuration: {size: 1}'] });
  const untouched = TABLES.filter(({ drift }) => drift.between === undefined);
  const dead = untouched.flatMap(({ drift }) => drift.after.filter(({ evolve }) => evolve === DEAD));
  const lines = untouched.map(({ drift, name }) =>
    [...drift.before, ...drift.after.map(({ json }) => json)].map((json) => tagged(name, json)),
  );
  loading.expectLoaded(await loading.load(...lines.flat()), lines.flat().length - dead.length, dead.length);
});
