import type { Finding } from '../../utils/examination.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { flowYaml } from './flow-yaml.js';
import { isError, type JsonObject, type MessageKind } from './message-kinds.js';
import { columnsWith } from './suggest-columns.js';
import { ignoreLine } from './suggest-ignore.js';
import { findRows, includedBeside } from './suggest-records.js';

/** What feeds call messages that hold no data. */
const NOISE = /subscri|welcome|heartbeat|ping|pong|ack|info|system|status|connect/i;

const OUTCOMES = {
  rows: 'would be rows',
  ignored: 'ignored',
  dead: 'would be dead letters',
  empty: 'without rows',
} as const;

/**
 * What of the messages would become something else than most people want: kinds without data as rows, lists of objects
 * as one value, numbers as text. With the lines that say it otherwise.
 *
 * @param kinds of the messages that were seen
 * @param row the first, by the names that its columns would have
 */
export function suggestShape(
  kinds: readonly MessageKind[],
  settings: DecodeSettings,
  row: JsonObject,
): readonly Finding[] {
  if (settings.decode !== 'json') return [];
  const main = mainKind(kinds);
  const isShaped = settings.records !== undefined;
  const unwanted = kinds.filter(({ outcome }) => outcome === 'dead' || (outcome === 'rows' && !isShaped));
  const lines = [
    ignoreLine(
      unwanted.filter((kind) => kind !== main && !isError(kind)),
      settings,
    ),
    ...rowLines(main, settings, row),
  ];
  const paste = lines.filter((line) => line !== undefined);
  if (paste.length === 0) return [];
  const text = 'write into the consumer, as far as it is what you mean';
  return [{ state: 'note', text: countsText(kinds), fixes: [{ text, paste }] }];
}

/** Of the kinds that become rows, and are data, the one with the most bytes. */
export function mainKind(kinds: readonly MessageKind[]): MessageKind | undefined {
  const data = kinds.filter(
    (kind) => kind.outcome === 'rows' && !NOISE.test(nameOf(kind.rule)) && !isError(kind),
  );
  return data.toSorted((a, b) => b.bytes - a.bytes)[0];
}

function rowLines(
  main: MessageKind | undefined,
  settings: DecodeSettings,
  row: JsonObject,
): readonly (string | undefined)[] {
  if (main === undefined) return [];
  const { records, include, rename } = settings;
  if (records !== undefined) return [keyLine('columns', columnsWith(settings.columns, [row], {}))];
  const { sample = {}, rule } = main;
  const found = findRows(sample);
  if (found === undefined) return [keyLine('columns', columnsWith(settings.columns, [sample], rename))];
  const kindKey = typeof rule === 'object' ? rule.key : undefined;
  return [
    `records: ${flowYaml(found.pointer)}`,
    keyLine('include', { ...includedBeside(sample, found, kindKey), ...include }),
    keyLine('columns', columnsWith(settings.columns, found.rows, rename)),
  ];
}

function keyLine(key: string, value: Readonly<Record<string, unknown>> | undefined): string | undefined {
  return value === undefined || Object.keys(value).length === 0 ? undefined : `${key}: ${flowYaml(value)}`;
}

function countsText(kinds: readonly MessageKind[]): string {
  const counts = kinds.map(({ rule, count, outcome }) =>
    [count, nameOf(rule), OUTCOMES[outcome]].filter((part) => part !== '').join(' '),
  );
  return `of the messages so far ${counts.join(', ')}`;
}

function nameOf(rule: MessageKind['rule']): string {
  if (rule === undefined) return '';
  return typeof rule === 'string' ? rule : `${rule.key} ${rule.value}`;
}
