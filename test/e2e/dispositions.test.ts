import type pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { Loading } from '../producers/postgres/loading.js';
import type { CliProcess } from '../support/cli.js';
import { everySecond, isCommitAnswer, type PgProxy, startProxy } from '../support/commit-cut-proxy.js';
import { between, createRandom } from '../support/random.js';
import { untilTime } from '../support/until.js';

const KILLS = Number(process.env.SOCKET_EL_DISPOSITION_KILLS ?? 6);
const SEED = Number(process.env.SOCKET_EL_DISPOSITION_SEED ?? 7);
const KEYS = 25;

/** A load through a proxy that cuts every second answer to COMMIT. */
async function createCut(
  producer: readonly string[],
  size: number,
): Promise<{ loading: Loading; proxy: PgProxy }> {
  let proxy: PgProxy | undefined;
  const consumer = [`batch_configuration: {size: ${size}}`];
  const loading = await Loading.create(
    { consumer, producer: [...producer, `transaction: {max_rows: ${size * 4}}`] },
    async (database) => {
      proxy = await startProxy(database.profile());
      proxy.rule = everySecond(isCommitAnswer);
      return proxy.address;
    },
  );
  return { loading, proxy: proxy as PgProxy };
}

/** Starts runs and kills them after a while, each at another moment; the last one is let to its end. */
async function runThroughKills(loading: Loading, random: () => number, kills: number): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    const run = loading.start();
    await untilTime(Date.now() + between(random, 350, 1100));
    if (run.hasExited) break;
    run.signal('SIGKILL');
    await run.exited;
  }
  await endOf(loading.start());
}

async function endOf(run: CliProcess): Promise<void> {
  await run.expectExit(0, 90_000);
}

test(`a merge is exactly once through kills and cuts (seed ${SEED})`, async () => {
  const random = createRandom(SEED);
  const { loading, proxy } = await createCut(['write_disposition: merge', 'primary_key: [id]'], 50);
  // The file is read in blocks, so that many batches need many bytes.
  const pad = 'x'.repeat(1500);
  const lines = Array.from({ length: 6000 }, (_, i) =>
    JSON.stringify({
      id: i % KEYS,
      seq: i,
      pad,
      ...(i % 3 === 0 ? { third: i } : {}),
      ...(i % 7 === 0 ? { seventh: null } : { seventh: i }),
    }),
  );
  await loading.append(...lines);
  await runThroughKills(loading, random, KILLS);
  const expected = new Map<number, Record<string, unknown>>();
  for (const line of lines) {
    const row = JSON.parse(line) as { id: number };
    expected.set(row.id, { ...expected.get(row.id), ...row });
  }
  const found = await loading.database.query<{ row: { id: number } }>(
    'SELECT to_jsonb(r) AS row FROM test.rows r ORDER BY id',
  );
  expect(found.map(({ row }) => row)).toEqual(
    [...expected.values()].sort((a, b) => Number(a['id']) - Number(b['id'])),
  );
  const [ledger] = await loading.database.query('SELECT sum(messages)::int AS n FROM test._socket_el_loads');
  expect(ledger).toEqual({ n: lines.length });
  expect(proxy.cuts).toBeGreaterThan(0);
}, 180_000);

test(`a set takes the place of the one before at once, through kills and cuts (seed ${SEED})`, async () => {
  const random = createRandom(SEED);
  const { loading, proxy } = await createCut(['write_disposition: replace'], 100);
  const watch = watchSets(loading);
  for (let version = 1; version <= 5; version++) {
    const size = version === 4 ? 0 : Math.round(between(random, 1000, 6000));
    await loading.replace(
      ...Array.from({ length: size }, (_, i) => `{"version":${version},"i":${i},"of":${size}}`),
    );
    await runThroughKills(loading, random, 1 + (version % 2));
    const [row] = await loading.database.query(
      'SELECT count(*)::int AS n, count(DISTINCT i)::int AS distinct, max(version)::int AS version FROM test.rows',
    );
    expect(row).toEqual({ n: size, distinct: size, version: size === 0 ? null : version });
  }
  const { looks, mixed } = await watch.end();
  expect(mixed).toEqual([]);
  expect(looks).toBeGreaterThan(50);
  expect(proxy.cuts).toBeGreaterThan(0);
}, 180_000);

interface Look {
  readonly n: number;
  readonly versions: number;
  readonly of: number | null;
}

/** Looks at the table all the time; each look must see one whole set. */
function watchSets(loading: Loading): { end: () => Promise<{ looks: number; mixed: Look[] }> } {
  const ending = new AbortController();
  const looks: Look[] = [];
  const looking = (async () => {
    while (!ending.signal.aborted) looks.push(...(await lookAt(loading)));
  })();
  onTestFinished(() => ending.abort());
  return {
    end: async () => {
      ending.abort();
      await looking;
      return {
        looks: looks.length,
        mixed: looks.filter(({ n, versions, of }) => versions > 1 || n !== (of ?? 0)),
      };
    },
  };
}

async function lookAt(loading: Loading): Promise<readonly Look[]> {
  await untilTime(Date.now() + 5);
  if (!(await loading.database.hasTable('test.rows'))) return [];
  return loading.database.query<Look & pg.QueryResultRow>(
    'SELECT count(*)::int AS n, count(DISTINCT version)::int AS versions, max("of")::int AS of FROM test.rows',
  );
}
