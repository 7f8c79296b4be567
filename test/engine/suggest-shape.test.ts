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
  const settings = decodeSettings();
  const seen = new FirstMessages(settings, (text) => text);
  const bytes = readFileSync(join(FEEDS, 'fixtures', `${feed}.ndjson`));
  seen.take({ bytes, messages: 1, receivedAtUs: 0, connection: 1 });
  const [finding] = suggestShape(seen.kinds.all, settings, {});
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
