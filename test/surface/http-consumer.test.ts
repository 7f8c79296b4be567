import { expect } from 'vitest';
import { drives } from '../support/drives.js';
import { type HttpSource, serveHttp } from '../support/http-source.js';
import { createPrintingBench, printedRows, startRun } from './printed.js';

/** Too short for a run that has the defaults, and ample for one that has what a test gives it. */
const TIMEOUT_MS = 20_000;
/** The same for waits that begin with 10 ms; of nine that begin with 500 ms hardly any row is so short. */
const BACKOFF_MS = 8000;

/** What is printed of a server that is asked, once unless the settings say otherwise. */
async function rowsOf(uri: string, settings: object, ...args: string[]) {
  const bench = await createPrintingBench({ variety: 'http', uri, once: true, ...settings });
  return bench.rows(...args);
}

/** Runs until the server was asked so often, so long after the first time at most. */
async function runUntilAsked(
  source: HttpSource,
  settings: object,
  [times, timeoutMs]: readonly [number, number],
): Promise<void> {
  const bench = await createPrintingBench({ variety: 'http', uri: source.url, ...settings });
  const isAsked = () => source.requests.length >= times;
  const cli = startRun(bench);
  await cli.whileRunning(() => source.requests.length > 0, {
    timeoutMs: TIMEOUT_MS,
    what: 'a first request',
  });
  await cli.whileRunning(isAsked, { timeoutMs, what: `${times} requests` });
}

/** Rows in pages of one: `/1` says that `/2` comes next. */
function servePages(): Promise<HttpSource> {
  return serveHttp(({ path }) => {
    const n = Number(path.slice(1));
    return { body: { n, next: n < 3 ? `/${n + 1}` : null } };
  });
}

drives('key consumer/http uri', 'the address that is asked', async () => {
  const source = await serveHttp(({ path, query }) => ({ body: { path, query } }));
  const rows = await rowsOf(`${source.url}/list?of=trades`, {});
  expect(rows).toEqual([{ path: '/list', query: { of: 'trades' } }]);
});

drives('key consumer/http headers', 'headers that the server gets', async () => {
  const source = await serveHttp(({ headers }) => ({ body: { key: headers['x-api-key'] ?? null } }));
  expect(await rowsOf(source.url, { headers: { 'X-Api-Key': 'k1' } })).toEqual([{ key: 'k1' }]);
});

drives('key consumer/http poll_interval', 'asked again long before ten seconds are over', async () => {
  const source = await serveHttp((_, n) => ({ body: { n } }));
  await runUntilAsked(source, { poll_interval: '50ms' }, [4, TIMEOUT_MS]);
});

drives('key consumer/http once', 'the run ends after the last page', async () => {
  const source = await serveHttp(() => ({ body: { n: 1 } }));
  const settings = { variety: 'http', uri: source.url, poll_interval: '50ms', once: true };
  const bench = await createPrintingBench(settings);
  const cli = startRun(bench);
  await cli.expectExit(0, TIMEOUT_MS);
  expect(printedRows(cli)).toEqual([{ n: 1 }]);
  expect(source.requests).toHaveLength(1);
});

drives('key consumer/http next', 'pages are followed to the last', async () => {
  const source = await servePages();
  const rows = await rowsOf(`${source.url}/1`, { next: '/next' });
  expect(rows.map(({ n }) => n)).toEqual([1, 2, 3]);
});

drives('key consumer/http cursor', 'a second run goes on where the first ended', async () => {
  const source = await serveHttp(({ query }) => ({ body: { id: Number(query['since'] ?? 0) + 1 } }));
  const cursor = { parameter: 'since', from: '/id' };
  const bench = await createPrintingBench({ variety: 'http', uri: source.url, once: true, cursor });
  expect([await bench.rows(), await bench.rows()]).toEqual([[{ id: 1 }], [{ id: 2 }]]);
});

drives('key consumer/http cursor.parameter', 'the parameter that carries the place', async () => {
  const source = await serveHttp(({ query }) => ({ body: { query, id: 7 } }));
  const cursor = { parameter: 'after_id', from: '/id' };
  const rows = await rowsOf(
    source.url,
    { cursor, once: false, poll_interval: '50ms' },
    '--max-messages',
    '2',
  );
  expect(rows.map(({ query }) => query)).toEqual([{}, { after_id: '7' }]);
});

drives('key consumer/http cursor.from', 'the value of an answer that is its place', async () => {
  const source = await serveHttp(() => ({ body: { trades: [{ id: 1 }, { id: 5 }], id: 9 } }));
  const cursor = { parameter: 'since', from: '/trades/*/id' };
  await runUntilAsked(source, { cursor, poll_interval: '50ms' }, [2, TIMEOUT_MS]);
  expect(source.requests[1]?.query).toEqual({ since: '5' });
});

drives('key consumer/http cursor.initial', 'what the first request of all asks for', async () => {
  const source = await serveHttp(({ query }) => ({ body: { query } }));
  const cursor = { parameter: 'since', from: '/id', initial: '2026-01-01' };
  expect(await rowsOf(source.url, { cursor })).toEqual([{ query: { since: '2026-01-01' } }]);
});

drives('key consumer/http timeout', 'an answer that stalls is given up and asked for again', async () => {
  const source = await serveHttp((_, n) => (n === 0 ? { body: '{', isStalled: true } : { body: { n } }));
  const reconnect = { initial: '10ms', max: '20ms' };
  await runUntilAsked(source, { timeout: '200ms', reconnect }, [2, TIMEOUT_MS]);
});

drives('key consumer/http reconnect.initial', 'eight waits that begin with 10 ms', async () => {
  const source = await serveHttp(() => ({ status: 500 }));
  await runUntilAsked(source, { reconnect: { initial: '10ms' } }, [9, BACKOFF_MS]);
});

drives('key consumer/http reconnect.max', 'six waits of 20 ms, however long the first may be', async () => {
  const source = await serveHttp(() => ({ status: 500 }));
  await runUntilAsked(source, { reconnect: { initial: '1h', max: '20ms' } }, [7, BACKOFF_MS]);
});

drives('key consumer/http reconnect.stop_on', 'a status ends the run', async () => {
  const source = await serveHttp((_, n) => ({ status: n === 0 ? 404 : 418 }));
  const reconnect = { initial: '10ms', max: '20ms', stop_on: [418] };
  const cli = startRun(await createPrintingBench({ variety: 'http', uri: source.url, reconnect }));
  await cli.expectExit(1, TIMEOUT_MS);
  expect(cli.stderr).toContain('HTTP 418');
  expect(source.requests).toHaveLength(2);
});

drives(
  'key consumer/http max_message_bytes',
  'a larger answer ends the run, a smaller one is taken',
  async () => {
    const source = await serveHttp((_, n) => ({ body: { n, text: 'x'.repeat(n * 1100) } }));
    const settings = { variety: 'http', uri: source.url, poll_interval: '50ms', max_message_bytes: '1KiB' };
    const cli = startRun(await createPrintingBench(settings));
    await cli.expectExit(1, TIMEOUT_MS);
    expect(printedRows(cli)).toEqual([{ n: 0, text: '' }]);
    expect(cli.stderr).toContain('at most 1024 bytes');
  },
);
