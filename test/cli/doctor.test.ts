// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of a configuration are written like this.
import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createTempFolder } from '../support/temp-folder.js';
import { createWorkspace } from '../support/workspace.js';
import {
  CLOSED_PORT,
  config,
  examine,
  examineSource,
  NO_DATABASE,
  pasteOf,
  startFeed,
  startMuteServer,
} from './doctor-bench.js';

const HEARTBEAT = '{"type":"heartbeat"}';
const TRADE = '{"type":"trade","sym":"BTC","trades":[{"id":9007199254740993,"p":1.10,"side":"buy"}]}';
const KEYS = ['records: /trades', 'include: {symbol: /sym}', 'rename: {p: price}'];

test('a heartbeat and then a trade: both are shown, with the row as it is decoded', async () => {
  const feed = await startFeed({
    talk: (socket) => {
      socket.send(HEARTBEAT);
      setTimeout(() => socket.send(TRADE), 100);
    },
  });
  const text = config(feed.uri, KEYS);
  const trades = (await examineSource(0, text, '--json')).runner('trades');
  expect(trades.row).toEqual([
    { name: 'id', kind: 'number', value: '9007199254740993' },
    { name: 'price', kind: 'number', value: '1.10' },
    { name: 'side', kind: 'string', value: '"buy"' },
    { name: 'symbol', kind: 'string', value: '"BTC"' },
  ]);
  expect(trades.messages.map(({ raw, outcome }) => [outcome, raw])).toEqual([
    ['dead', HEARTBEAT],
    ['rows', TRADE],
  ]);
  expect(trades.facts).toMatchObject({ connected: true, http_status: 101, messages: 2, dead: 1, rows: 1 });
  const { stdout } = await examineSource(0, text);
  expect(pasteOf(stdout)).toEqual(['      ignore: [{/type: heartbeat}]']);
  expect(stdout).toMatch(/price +number +1\.10\n/);
  const obeyed = await examineSource(
    0,
    config(feed.uri, [...KEYS, ...pasteOf(stdout).map((line) => line.trim())]),
  );
  expect(obeyed.stdout).toContain('passed over by a rule of ignore:');
  expect(obeyed.stdout).toMatch(/\nnothing stands in the way of a run\n$/);
});

test('what becomes of the messages without a word about them, and the lines that most people would write', async () => {
  const feed = await startFeed({
    talk: (socket) => {
      socket.send('{"type":"subscribed","channels":["trades"]}');
      socket.send('{"type":"trade","sym":"BTC","trades":[{"id":1,"p":"1.10","at":1763900000123}]}');
      setTimeout(() => {
        socket.send(HEARTBEAT);
        socket.send('pong');
      }, 300);
    },
  });
  const { stdout } = await examineSource(0, config(feed.uri));
  const lines = [
    'ignore: [{/type: subscribed}, {/type: heartbeat}, pong]',
    'records: /trades',
    'include: {sym: /sym}',
    'columns: {p: numeric, at: {type: timestamptz, unit: ms}}',
  ];
  expect(pasteOf(stdout).map((line) => line.trim())).toEqual(lines);
  const obeyed = await examineSource(0, config(feed.uri, lines));
  expect(obeyed.stdout).toMatch(/\n {6}sym +string +"BTC"\n\nnothing stands in the way of a run\n$/);
});

test('a feed that answers with an error and nothing else stands in the way, and the error is not to be ignored', async () => {
  const feed = await startFeed({
    talk: (socket) => socket.send('{"type":"error","message":"no such channel"}'),
  });
  const [problem, ...more] = (await examineSource(3, config(feed.uri), '--json')).problems('trades');
  expect(problem?.text).toBe('the source answered with an error');
  expect(problem?.details).toEqual(['{"type":"error","message":"no such channel"}']);
  expect(more).toEqual([]);
  const { stdout } = await examineSource(3, config(feed.uri, ['records: /trades']), '--wait', '2s');
  expect(stdout).toMatch(/✗ the source answered with an error/);
  expect(stdout).not.toContain('ignore: [{/type: error}]');
});

test('names of the configuration that no message has are told, with those that there are', async () => {
  const feed = await startFeed({ talk: (socket) => socket.send(TRADE) });
  const keys = [
    'records: /trades',
    'include: {symbol: /symbol}',
    'rename: {prise: price}',
    'columns: {sise: numeric}',
  ];
  const { findings } = (await examineSource(0, config(feed.uri, keys), '--json')).runner('trades');
  const found = findings.find(({ text }) => text.startsWith('in no message so far'));
  expect(found?.text).toBe('in no message so far: /symbol of include, prise of rename, sise of columns');
  expect(found?.fixes?.[0]?.text).toContain('id, p, side');
});

test('a feed that is silent without a subscription is told so, with the line to add', async () => {
  const feed = await startFeed({
    talk: (socket) => socket.on('message', () => socket.send('{"price":1}')),
  });
  const { stdout } = await examineSource(3, config(feed.uri), '--wait', '700ms');
  expect(stdout).toContain('✗ connected, nothing received for 700ms');
  expect(stdout).toMatch(/trades: consumer, socket {2}\(\S*config\.yml:2\)/);
  expect(pasteOf(stdout)).toEqual(['      subscribe: [{op: subscribe, channels: [trades]}]']);
  const subscribed = await examineSource(
    0,
    config(
      feed.uri,
      pasteOf(stdout).map((line) => line.trim()),
    ),
  );
  expect(subscribed.stdout).toMatch(/price {2}number {3}1\n/);
  expect(feed.received).toEqual(['{"op":"subscribe","channels":["trades"]}']);
});

test('a feed that refuses the upgrade: status, place, and what to do', async () => {
  const feed = await startFeed({ refuse: 401 });
  const text = config(feed.uri, ["headers: {Authorization: 'Bearer ${env:TOKEN}'}"]);
  const [problem] = (await examineSource(3, text, '--json')).problems('trades');
  expect(problem?.text).toContain('HTTP 401');
  expect(problem?.place).toMatch(/config\.yml:5$/);
  expect(problem?.fixes?.[0]?.text).toContain('credentials');
});

test('a server that takes the connection and says nothing, and a web page in place of a feed', async () => {
  const { port } = await startMuteServer();
  const [mute] = (
    await examineSource(3, config(`ws://127.0.0.1:${port}/`), '--json', '--wait', '700ms')
  ).problems('trades');
  expect(mute?.text).toBe(`ws://127.0.0.1:${port}/: expected a connection within 700ms, there was none`);
  const page = await startFeed({ refuse: 200 });
  expect((await examineSource(3, config(page.uri))).stdout).toMatch(/HTTP 200[\s\S]*an ordinary web page/);
});

test('a feed that ends the connection: what it said before, code and reason', async () => {
  const feed = await startFeed({
    talk: (socket) => {
      socket.send('{"error":"no such channel"}');
      socket.close(4001, 'go\u001b[2J away, canary-token');
    },
  });
  const said = await examineSource(3, config(feed.uri, ['records: /trades', "headers: {X: '${env:TOKEN}'}"]));
  expect(said.stdout).toMatch(/\{"error":"no such channel"\}[\s\S]*code 4001/);
  expect(said.stdout).not.toContain('\u001b');
});

test.each([
  ['nothing listens', `ws://127.0.0.1:${CLOSED_PORT}/x`, /ECONNREFUSED/, /nothing listens there/],
  [
    'there is no such host',
    'ws://no-such-host.invalid/x',
    /ENOTFOUND|EAI_AGAIN/,
    /host of that name|name service/,
  ],
])('%s: the place and what it means', async (_, uri, message, advice) => {
  const said = await examineSource(
    3,
    config(uri.replace('//', '//me:canary-token@').concat('?k=canary-token')),
  );
  expect(said.stdout).toMatch(message);
  expect(said.stdout, 'without user and query').toContain(`✗ ${uri}: expected`);
  expect(said.stdout).toMatch(advice);
  expect(said.stdout).toMatch(/config\.yml:5\)/);
});

test('messages of which none has a row stand in the way when they would be dead', async () => {
  const feed = await startFeed({ talk: (socket) => socket.send(TRADE) });
  const [problem] = (
    await examineSource(3, config(feed.uri, ['records: /tardes']), '--json', '--wait', '700ms')
  ).problems('trades');
  expect(problem?.text).toBe('1 message and no row: 0 ignored, 1 dead; 0 dead rows');
  expect(problem?.fixes?.[0]?.text).toContain('records:');
});

test('the first row is found behind thousands of messages without one', async () => {
  const feed = await startFeed({
    talk: (socket) => {
      for (let i = 0; i < 5000; i++) socket.send(HEARTBEAT);
      socket.send(TRADE);
    },
  });
  const text = config(feed.uri, [...KEYS, 'ignore: [{/type: heartbeat}]']);
  const { facts, messages, row } = (await examineSource(0, text, '--json')).runner('trades');
  expect(facts).toMatchObject({ messages: 5001, ignored: 5000, rows: 1 });
  expect(messages.map(({ outcome }) => outcome)).toEqual(['ignored', 'ignored', 'ignored', 'rows']);
  expect(row).toHaveLength(4);
});

test('what a message repeats of our secrets is masked, and what could drive a terminal is gone', async () => {
  const filler = 'x'.repeat(290);
  const messages = ['{"a":"canary-token \u202e"}', `{"${filler}":"canary-token"}`, 'no \u001b[31mjson'];
  const feed = await startFeed({
    talk: (socket) => {
      for (const message of messages.toReversed()) socket.send(message);
    },
  });
  const said = await examineSource(0, config(feed.uri, ["headers: {X: '${env:TOKEN}'}", 'records: ""']));
  for (const hidden of ['canar', '\u001b', '\u202e']) expect(said.stdout).not.toContain(hidden);
  expect(said.stdout).toContain('***');
});

test('the clock of a server that is wrong is told', async () => {
  const date = new Date(Date.now() - 3_600_000).toUTCString();
  const feed = await startFeed({ talk: (socket) => socket.send('{"a":1}'), headers: [`Date: ${date}`] });
  const { facts, findings } = (await examineSource(0, config(feed.uri), '--json')).runner('trades');
  expect(Math.abs((facts['clock_skew_ms'] as number) + 3_600_000)).toBeLessThan(5000);
  expect(findings.map(({ state, text }) => `${state} ${text}`).join('\n')).toMatch(
    /note .*3\d\d\d\.\d s behind ours/,
  );
});

test('a self-signed certificate: what it says, and how to trust it', async () => {
  const folder = await createTempFolder();
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=feed.test', '-addext', 'subjectAltName=DNS:feed.test,IP:127.0.0.1'];
  const output = ['-keyout', keyFile, '-out', certFile, '-days', '30'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...output, ...subject], {
    stdio: 'ignore',
  });
  const tls = { key: await readFile(keyFile), cert: await readFile(certFile) };
  const feed = await startFeed({ tls, talk: (socket) => socket.send('{"a":1}') });
  const refused = await examineSource(3, config(feed.uri), '--json');
  expect(refused.problems('trades')[0]?.text).toContain('self-signed certificate');
  expect(refused.problems('trades')[0]?.fixes?.[0]?.text).toContain('NODE_EXTRA_CA_CERTS');
  const facts = { subject: 'feed.test', issuer: 'feed.test', names: ['feed.test', '127.0.0.1'] };
  expect(refused.runner('trades').facts['tls']).toMatchObject({ ...facts, untrusted: expect.any(String) });
  const workspace = await createWorkspace(config(feed.uri), NO_DATABASE);
  const place = { ...workspace, env: { NODE_EXTRA_CA_CERTS: certFile } };
  const trusted = (await examine(place, 0, '--only', 'trades', '--json')).runner('trades');
  expect(trusted.facts['tls']).toMatchObject({ ...facts, untrusted: null, protocol: 'TLSv1.3' });
  expect((trusted.facts['tls'] as { days_left: number }).days_left).toBeGreaterThan(27);
});

test('a consumer that puts by itself, and a source that ends', async () => {
  const text = `plugins: [./ones.mjs]
runners:
  - {name: ones, type: consumer, variety: ones}
  - {name: none, type: consumer, variety: file, path: none.ndjson}
  - {name: out, type: producer, variety: console, depends_on: [ones, none]}
`;
  const workspace = await createWorkspace(text, NO_DATABASE);
  const folder = dirname(workspace.configPath);
  await writeFile(join(folder, 'none.ndjson'), '');
  await writeFile(
    join(folder, 'ones.mjs'),
    `import { Consumer, consumerSchema } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    class Ones extends Consumer {
      async run(signal) {
        while (!signal.aborted) { await this.context.stage.put({ one: 1 }); await new Promise(setImmediate); }
      }
    }
    export const varieties = [{ type: 'consumer', name: 'ones', summary: '', replayable: false,
      schema: consumerSchema({}), create: async (settings, context) => new Ones(settings, context) }];`,
  );
  const said = await examine(workspace, 0, '--json');
  expect(said.runner('ones').row).toEqual([{ name: 'one', kind: 'number', value: '1' }]);
  expect(said.runner('none').findings).toMatchObject([
    { state: 'note', text: 'the source ended without a message' },
  ]);
  expect(said.runner('out')).toMatchObject({ ok: true, findings: [] });
  expect((await readdir(folder)).sort(), 'no stage is made').toEqual([
    'config.yml',
    'none.ndjson',
    'ones.mjs',
  ]);
});

test('a file that is not there: the line that names it', async () => {
  const text = `runners:
  - name: lines
    type: consumer
    variety: file
    path: gone.ndjson
`;
  const said = await examine(await createWorkspace(text, NO_DATABASE), 3, '--json');
  expect(said.problems('lines')).toMatchObject([
    { text: expect.stringContaining('gone.ndjson'), place: expect.stringMatching(/config\.yml:5$/) },
  ]);
});

test('--json is one object of a known shape', async () => {
  const feed = await startFeed({ talk: (socket) => socket.send('{"a":1}') });
  const { stdout } = await examineSource(0, config(feed.uri), '--json');
  const report = JSON.parse(stdout) as Record<string, unknown>;
  expect(Object.keys(report)).toEqual(['pipeline', 'config', 'ok', 'runners']);
  const [runner] = report['runners'] as Record<string, unknown>[];
  const keys = ['name', 'type', 'variety', 'place', 'ok', 'findings', 'facts', 'messages', 'row'];
  expect(Object.keys(runner ?? {})).toEqual(keys);
});

test('a configuration with problems is told as validate tells it', async () => {
  const text = config('htp://x').replace('depends_on: [trades]', 'depends_on: [tardes]');
  const said = await examine(await createWorkspace(text, NO_DATABASE), 2);
  expect(said.stderr).toContain('2 problems');
  expect(said.stdout).toBe('');
  const only = await examine(
    await createWorkspace(config('ws://127.0.0.1:1'), NO_DATABASE),
    2,
    '--only',
    'trade',
  );
  expect(only.stderr).toContain('did you mean trades?');
});
