import type { Finding } from '../../utils/examination.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { dataKinds } from './data-kinds.js';
import type { SeenCell } from './first-messages.js';
import { flowYaml } from './flow-yaml.js';
import { isError, type JsonObject, type MessageKind } from './message-kinds.js';
import { columnsWith } from './suggest-columns.js';
import { ignoreLine } from './suggest-ignore.js';
import { findRows, includedBeside } from './suggest-records.js';

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
  row: readonly SeenCell[],
): readonly Finding[] {
  if (settings.decode !== 'json') return [];
  const data = dataKinds(kinds);
  const isShaped = settings.records !== undefined;
  const unwanted = kinds.filter(
    (kind) => !isError(kind) && (kind.outcome === 'dead' || (kind.outcome === 'rows' && !isShaped)),
  );
  const lines = [
    ignoreLine(
      unwanted.filter((kind) => !data.includes(kind)),
      settings,
    ),
    ...(isArrays(kinds) ? [columnsLine(settings, [valuesOf(row)])] : rowLines(data, settings, row)),
  ];
  const paste = lines.filter((line) => line !== undefined);
  if (paste.length === 0) return [];
  const text = 'write into the consumer, as far as it is what you mean';
  return [{ state: 'note', text: countsText(kinds), fixes: [{ text, paste }] }];
}

function rowLines(
  [main, ...others]: readonly MessageKind[],
  settings: DecodeSettings,
  row: readonly SeenCell[],
): readonly (string | undefined)[] {
  if (main === undefined) return [];
  const { records, include, rename } = settings;
  if (records !== undefined) return [columnsLine(settings, [valuesOf(row)])];
  const { sample = {}, rule } = main;
  const found = findRows(sample);
  if (found === undefined) return [keyLine('columns', columnsWith(settings.columns, [sample], rename))];
  // What tells kinds apart is of no use in rows that are all of one.
  const kindKey = typeof rule === 'object' && others.length === 0 ? rule.key : undefined;
  return [
    `records: ${flowYaml(found.pointer)}`,
    keyLine('include', { ...includedBeside(sample, found, kindKey), ...include }),
    keyLine('columns', columnsWith(settings.columns, found.rows, rename)),
  ];
}

/** A row as plain data, without values that were shortened. */
function valuesOf(row: readonly SeenCell[]): JsonObject {
  const entries = row.flatMap(({ name, value }) => {
    try {
      return [[name, JSON.parse(value)] as const];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(entries);
}

/** Messages that are arrays of rows say nothing beside them. */
function isArrays(kinds: readonly MessageKind[]): boolean {
  return kinds.every(({ sample, outcome }) => sample === undefined && outcome === 'rows');
}

/** @param rows by the names of their columns */
function columnsLine({ columns }: DecodeSettings, rows: readonly JsonObject[]): string | undefined {
  return keyLine('columns', columnsWith(columns, rows, {}));
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
