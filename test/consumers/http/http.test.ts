import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { httpVariety } from '../../../src/consumers/http/index.js';
import { serveHttp } from '../../support/http-source.js';
import { createTempFolder } from '../../support/temp-folder.js';
import { until } from '../../support/until.js';
import { createConsuming } from '../consuming.js';

type Keys = Readonly<Record<string, unknown>>;

/** Reads everything of a source that ends. */
async function readOnce(uri: string, keys: Keys = {}, folder?: string): Promise<readonly string[]> {
  const consuming = await createConsuming(folder ?? (await createTempFolder()), httpVariety, {
    uri,
    once: true,
    reconnect: { initial: '10ms', max: '20ms' },
    ...keys,
  });
  await consuming.run();
  return consuming.lines();
}

test.each([
  ['an array', '[{"a":1},\n {"a":2}]', {}, ['[{"a":1},  {"a":2}]']],
  ['an object', '{"trades": [{"price": 1.10}]}', {}, ['{"trades": [{"price": 1.10}]}']],
  [
    'NDJSON by its type',
    '{"a":1}\n{"a":2}\n',
    { 'content-type': 'application/x-ndjson' },
    ['{"a":1}', '{"a":2}'],
  ],
  ['something that is no JSON', '<html>', {}, [expect.stringMatching(/^\{"_raw":"PGh0bWw\+",/)]],
  ['an empty array', ' [ ]\n', {}, []],
  ['nothing', '', {}, []],
])('an answer that is %s', async (_, body, headers, expected) => {
  const { url } = await serveHttp(() => ({ body, headers }));
  expect(await readOnce(url)).toEqual(expected);
});

test('lines of another type are messages with framing: lines', async () => {
  const { url } = await serveHttp(() => ({ body: '{"a":1}\n{"a":2}' }));
  expect(await readOnce(url, { framing: 'lines' })).toEqual(['{"a":1}', '{"a":2}']);
});

test('it asks again after poll_interval, and says what it saw last, so that nothing new comes as nothing', async () => {
  const source = await serveHttp(({ headers }, index) =>
    headers['if-none-match'] === '"1"' && index < 3
      ? { status: 304 }
      : { body: [index], headers: { etag: '"1"' } },
  );
  const consuming = await createConsuming(await createTempFolder(), httpVariety, {
    uri: `${source.url}/list?of=trades`,
    poll_interval: '100ms',
    headers: { 'x-key': 'secret' },
  });
  const running = consuming.run();
  await until(() => source.requests.length >= 4, { timeoutMs: 10_000, what: 'what the source gives' });
  consuming.stop();
  await running;
  const [first, second, third, fourth] = source.requests;
  expect(await consuming.lines()).toEqual(['[0]', '[3]']);
  expect(first?.headers['if-none-match']).toBeUndefined();
  expect([second, third].map((seen) => seen?.headers['if-none-match'])).toEqual(['"1"', '"1"']);
  expect(fourth).toMatchObject({ path: '/list', query: { of: 'trades' }, headers: { 'x-key': 'secret' } });
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(90);
});

test('it follows the header Link to the last page', async () => {
  const source = await serveHttp(({ query }) => {
    const page = Number(query['page'] ?? 1);
    const link =
      page < 3 ? `<?page=${page + 1}>; rel="next", <?page=1>; rel="first"` : '<?page=1>; rel="first"';
    return { body: [{ page }], headers: { link } };
  });
  expect(await readOnce(source.url, { next: 'link' })).toEqual([
    '[{"page":1}]',
    '[{"page":2}]',
    '[{"page":3}]',
  ]);
});

test('it follows a next page that the answer names, an empty one too', async () => {
  const source = await serveHttp(({ path }) => {
    if (path === '/a') return { body: { rows: [1], next: '/b?x=1' } };
    if (path === '/b') return { body: { rows: [], next: '/c' } };
    return { body: { rows: [3], next: null } };
  });
  const lines = await readOnce(`${source.url}/a`, { next: '/next' });
  expect(lines).toHaveLength(3);
  expect(source.requests.map(({ path }) => path)).toEqual(['/a', '/b', '/c']);
});

test('a next page of another server is not asked', async () => {
  const other = await serveHttp(() => ({ body: [] }));
  const { url } = await serveHttp(() => ({ body: { next: `${other.url}/x` } }));
  await expect(readOnce(url, { next: '/next' })).rejects.toMatchObject({ code: 'source.refused' });
  expect(other.requests).toEqual([]);
});

test('a cursor is sent with the next request, with all its digits, and kept for the next run', async () => {
  const ids = ['9007199254740993', '9007199254740995', '9007199254740997'];
  const source = await serveHttp(({ query }) => {
    const after = ids.indexOf(query['since'] ?? '');
    const rows = ids.slice(after + 1, after + 3).map((id) => `{"id":${id}}`);
    return { body: `[${rows.join(',')}]` };
  });
  const folder = await createTempFolder();
  const keys = { cursor: { parameter: 'since', from: '/*/id' }, next: 'link' };
  await readOnce(source.url, keys, folder);
  await readOnce(source.url, keys, folder);
  const lines = await readOnce(source.url, keys, folder);
  expect(source.requests.map(({ query }) => query['since'])).toEqual([undefined, ids[1], ids[2]]);
  expect(lines).toEqual([`[{"id":${ids[0]}},{"id":${ids[1]}}]`, `[{"id":${ids[2]}}]`]);
});

test('the first cursor can be given', async () => {
  const source = await serveHttp(() => ({ body: [] }));
  await readOnce(source.url, { cursor: { parameter: 'since', from: '/*/id', initial: '2026-01-01' } });
  expect(source.requests[0]?.query).toEqual({ since: '2026-01-01' });
});

test.each([429, 500, 503])(
  'HTTP %i passes: it is asked again, as late as the server wants',
  async (status) => {
    const source = await serveHttp((_, index) =>
      index === 0 ? { status, headers: { 'retry-after': '1' } } : { body: [index] },
    );
    expect(await readOnce(source.url)).toEqual(['[1]']);
    const [first, second] = source.requests;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(990);
  },
);

test.each([
  [401, /credentials in headers/],
  [404, /path of uri/],
  [451, /country/],
])('HTTP %i ends it with a hint', async (status, hint) => {
  const source = await serveHttp(() => ({ status }));
  await expect(readOnce(source.url)).rejects.toMatchObject({
    code: 'source.refused',
    hint: expect.stringMatching(hint),
  });
  expect(source.requests).toHaveLength(1);
});

test('stop_on says which statuses end it', async () => {
  const source = await serveHttp((_, index) => (index === 0 ? { status: 404 } : { status: 418 }));
  const reconnect = { initial: '10ms', max: '20ms', stop_on: [418] };
  await expect(readOnce(source.url, { reconnect })).rejects.toMatchObject({
    message: expect.stringContaining('418'),
  });
});

test('a redirect is told, not followed', async () => {
  const other = await serveHttp(() => ({ body: [] }));
  const source = await serveHttp(() => ({ status: 302, headers: { location: other.url } }));
  await expect(readOnce(source.url)).rejects.toMatchObject({ message: expect.stringContaining(other.url) });
  expect(other.requests).toEqual([]);
});

test('an answer that does not end in time is asked for again', async () => {
  const source = await serveHttp((_, index) =>
    index === 0 ? { body: '[', isStalled: true } : { body: [1] },
  );
  expect(await readOnce(source.url, { timeout: '200ms' })).toEqual(['[1]']);
});

test.each([true, false])('an answer that is too large is an error (compressed: %s)', async (isCompressed) => {
  const text = `[${'0,'.repeat(5000)}0]`;
  const answer = isCompressed
    ? { body: gzipSync(text), headers: { 'content-encoding': 'gzip' } }
    : { body: text };
  const { url } = await serveHttp(() => answer);
  await expect(readOnce(url, { max_message_bytes: '2KiB' })).rejects.toMatchObject({
    code: 'source.refused',
  });
  expect(await readOnce(url, { max_message_bytes: '16KiB' })).toEqual([text]);
});

test('a server that is away for a while is a gap, of a source without a cursor', async () => {
  const source = await serveHttp((_, index) => (index === 1 ? { status: 500 } : { body: [index] }));
  const consuming = await createConsuming(await createTempFolder(), httpVariety, {
    uri: source.url,
    poll_interval: '50ms',
    reconnect: { initial: '10ms', max: '20ms' },
  });
  const running = consuming.run();
  await until(() => source.requests.length >= 4, { timeoutMs: 10_000, what: 'what the source gives' });
  consuming.stop();
  await running;
  expect(consuming.gaps()).toBe(1);
});
