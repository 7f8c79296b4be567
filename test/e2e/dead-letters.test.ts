import { expect, test } from 'vitest';
import { type CliProcess, type RunSummary, runnerOf } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type ScriptedMessage, startFeed } from '../support/live-feed.js';
import { brief, faultsOf, judgeTable, missingBetween, NO_FAULTS, NONE } from '../support/oracle.js';
import { messageText } from '../support/payload.mjs';
import { createWorkspace, tradesConfig } from '../support/workspace.js';

const SEED = 51;
const GOOD = 10_000;
const IGNORED_EVERY = 500;

const text = (content: string | Buffer): ScriptedMessage => ({
  bytes: Buffer.from(content as string),
  binary: false,
});
const binary = (content: string | Buffer): ScriptedMessage => ({
  bytes: Buffer.from(content as string),
  binary: true,
});

/** What can never be a row. Each must end as one dead letter with exactly these bytes. */
const BAD: Readonly<Record<string, ScriptedMessage>> = {
  'plain text': text('hello'),
  'plain text with line ends': text('hel\nlo\r\n'),
  'an empty message': text(''),
  'truncated JSON': text('{"seq":1,"exchange":"bin'),
  'truncated JSON that ends with a brace': text('{"seq":2,"exchange":{"name":"bin"}'),
  'two documents': text('{"seq":3}{"seq":4}'),
  'a trailing comma': text('{"seq":5,}'),
  'a NaN token': text('{"seq":6,"price":NaN}'),
  'single quotes': text("{'seq':7}"),
  'a raw control character in a string': text('{"seq":8,"note":"a\u0001b"}'),
  "a lone surrogate's escape": text('{"seq":9,"note":"\\ud800"}'),
  "a NUL's escape, which no text column holds": text('{"seq":10,"note":"a\\u0000b"}'),
  'an array of numbers': text('[1,2]'),
  'a bare number': text('42'),
  'the end mark of a text COPY': text('\\.'),
  'binary garbage': binary(Buffer.from([0x00, 0xff, 0x0a, 0x0d, 0x80, 0x00, 0xfe])),
  'binary garbage between braces': binary(Buffer.from([0x7b, 0xff, 0x0a, 0x00, 0x7d])),
  'invalid UTF-8 in a string, as binary': binary(
    Buffer.concat([Buffer.from('{"seq":11,"note":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
  ),
  'invalid UTF-8 in a string, as text': text(
    Buffer.concat([Buffer.from('{"seq":12,"note":"'), Buffer.from([0xff]), Buffer.from('"}')]),
  ),
};

function mixIn(bad: readonly ScriptedMessage[]): ScriptedMessage[] {
  const every = Math.floor(GOOD / (bad.length + 1));
  const script: ScriptedMessage[] = [];
  for (let seq = 0; seq < GOOD; seq++) {
    const good = messageText(SEED, seq);
    script.push(seq % 7 === 0 ? binary(good) : text(good));
    if (seq % IGNORED_EVERY === 1) script.push(text(`{"type":"heartbeat","seq":${seq}}`));
    const next = bad[Math.floor(seq / every)];
    if (next && seq % every === every - 1) script.push(next);
  }
  return script;
}

async function loadScript(script: readonly ScriptedMessage[], database: TestDatabase): Promise<CliProcess> {
  const feed = await startFeed();
  await feed.openScript('/mixed', script);
  const consumerKeys = ['ignore: [{/type: heartbeat}]'];
  const config = tradesConfig({ uri: feed.uri('/mixed'), size: 5000, interval: '5s', consumerKeys });
  const cli = (await createWorkspace(config, database.profile())).run(
    '--max-messages',
    String(script.length),
  );
  await cli.expectExit(0, 40_000);
  expect((await feed.log('/mixed')).connections, 'connections').toHaveLength(1);
  return cli;
}

async function readDeadLetters(database: TestDatabase): Promise<{ raw: Buffer; reason: string }[]> {
  return await database.query('SELECT raw, reason FROM test._socket_el_dead_letters');
}

async function expectGoodRows(database: TestDatabase): Promise<void> {
  const verdict = await judgeTable({ database, table: 'test.trades', seed: SEED, issued: GOOD });
  expect(faultsOf(verdict)).toEqual(NO_FAULTS);
  expect(brief(missingBetween(verdict, 0, GOOD))).toEqual(NONE);
}

function expectConserved(
  summary: RunSummary,
  expected: { messages: number; dead: number; ignored: number },
): void {
  const [consumer, producer] = [runnerOf(summary, 'trades'), runnerOf(summary, 'postgres')];
  expect(consumer).toMatchObject({ messages: expected.messages, gaps: 0, restarts: 0 });
  expect(producer).toMatchObject({
    dead: expected.dead,
    ignored: expected.ignored,
    loaded: GOOD,
    restarts: 0,
  });
  expect(consumer.messages).toBe(producer.loaded + producer.dead + producer.ignored);
}

test('messages that cannot be rows become dead letters with reason and bytes, and all others are loaded', async () => {
  const database = await createDatabase();
  const script = mixIn(Object.values(BAD));
  const cli = await loadScript(script, database);
  const letters = await readDeadLetters(database);
  const foundRaw = letters.map(({ raw }) => raw.toString('hex')).sort();
  const expectedRaw = Object.values(BAD)
    .map(({ bytes }) => bytes.toString('hex'))
    .sort();
  const named = Object.entries(BAD).filter(([, { bytes }]) => !foundRaw.includes(bytes.toString('hex')));
  expect(
    named.map(([name]) => name),
    'no dead letter for',
  ).toEqual([]);
  expect(foundRaw).toEqual(expectedRaw);
  expect(letters.filter(({ reason }) => !/\w{3}/.test(reason ?? ''))).toEqual([]);
  await expectGoodRows(database);
  const ignored = GOOD / IGNORED_EVERY;
  expectConserved(cli.summary(), { messages: script.length, dead: expectedRaw.length, ignored });
}, 90_000);

test("a message that looks like the stage's own envelope of a bad one is loaded as the row that it is", async () => {
  const database = await createDatabase();
  const forged = { _raw: Buffer.from('hello').toString('base64'), _why: 'forged', kind: 'forged' };
  const feed = await startFeed();
  await feed.openScript('/forged', [
    text(JSON.stringify(forged)),
    text(JSON.stringify({ ...forged, kind: 'second' })),
  ]);
  const workspace = await createWorkspace(tradesConfig({ uri: feed.uri('/forged') }), database.profile());
  const cli = workspace.run('--max-messages', '2');
  await cli.expectExit(0);
  expect(await database.query('SELECT _raw, _why, kind FROM test.trades ORDER BY kind')).toEqual([
    forged,
    { ...forged, kind: 'second' },
  ]);
  expect(runnerOf(cli.summary(), 'postgres')).toMatchObject({ loaded: 2, dead: 0 });
}, 60_000);
