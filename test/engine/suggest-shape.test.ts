import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { FirstMessages } from '../../src/engine/doctor/first-messages.js';
import { suggestShape } from '../../src/engine/doctor/suggest-shape.js';
import { decodeSettings } from '../stages/staged.js';

const FEEDS = fileURLToPath(new URL('../../examples/feeds', import.meta.url));
const RECIPES = readdirSync(FEEDS)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => name.replace('.yml', ''));

/** What is suggested for a recipe's messages to who has said nothing about them. */
function suggestedFor(feed: string): Readonly<Record<string, unknown>> {
  return suggested(readFileSync(join(FEEDS, 'fixtures', `${feed}.ndjson`)));
}

function suggested(bytes: Buffer): Readonly<Record<string, unknown>> {
  const settings = decodeSettings();
  const seen = new FirstMessages(settings, (text) => text);
  seen.take({ bytes, messages: 1, receivedAtUs: 0, connection: 1 });
  const [finding] = suggestShape(seen.kinds.all, settings, seen.row ?? []);
  return parse(finding?.fixes?.[0]?.paste.join('\n') ?? '{}') as Record<string, unknown>;
}

test.each(RECIPES)('%s: rows are looked for where its recipe has them', (feed) => {
  const { runners } = parse(readFileSync(join(FEEDS, `${feed}.yml`), 'utf8'));
  expect(suggestedFor(feed)['records']).toBe(runners[0].records);
});

test.each([
  ['bybit', { ignore: [{ '/op': 'subscribe' }, { '/op': 'ping' }], include: { topic: '/topic' } }],
  ['okx', { columns: { px: 'numeric', sz: 'numeric', ts: { type: 'timestamptz', unit: 'ms' } } }],
  ['finnhub', { columns: { t: { type: 'timestamptz', unit: 'ms' } } }],
])('%s: what is no data, what belongs to each row, and types', (feed, expected) => {
  expect(suggestedFor(feed)).toMatchObject(expected);
});

test('kinds that are all data are not to be ignored, and keep what tells them apart', () => {
  const order = (type: string) =>
    `{"type":"${type}","market":"BTC","orders":[{"id":1,"at":1763900000123}]}\n`;
  const lines = [order('created'), order('cancelled'), order('rejected'), '{"type":"heartbeat"}\n'];
  expect(suggested(Buffer.from(lines.join('')))).toEqual({
    ignore: [{ '/type': 'heartbeat' }],
    records: '/orders',
    include: { type: '/type', market: '/market' },
    columns: { at: { type: 'timestamptz', unit: 'ms' } },
  });
});

test('rows at the top of messages of several kinds are left alone', () => {
  const row = (kind: string, more = '') => `{"kind":"${kind}","id":1,"status":"failed","amount":5${more}}\n`;
  const lines = [row('shipping'), row('tracking', ',"error":"address"'), row('denied')];
  expect(suggested(Buffer.from(lines.join('')))).toEqual({});
});

test('of messages that are arrays of rows only types are suggested', () => {
  const bytes = Buffer.from('[{"id":1,"price":"1.50"},{"id":2,"price":"2.50"}]\n');
  expect(suggested(bytes)).toEqual({ columns: { price: 'numeric' } });
});
