import type { SourceExamination } from '../../consumers/consumer.js';
import { formatByteSize } from '../../utils/byte-size.js';
import { formatDuration } from '../../utils/duration.js';
import type { Finding, Fix } from '../../utils/examination.js';
import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { errorAnswers } from './error-answers.js';
import { errorFinding } from './error-finding.js';
import type { FirstMessages, SeenCell, SeenMessage } from './first-messages.js';
import type { LookEnding } from './receive.js';
import { suggestShape } from './suggest-shape.js';
import { unmatchedNames } from './unmatched-names.js';

const MAX_CELLS = 40;
const ALL_DEAD: Fix = {
  text: 'say where in such a message its rows are, with the key records:, or pass it over with ignore:',
  paste: [],
};

/** What a look at a source gave. */
export interface Look {
  readonly ending: LookEnding;
  readonly seen: FirstMessages;
  readonly source: SourceExamination;
  /** How the consumer's messages become rows. */
  readonly decode: DecodeSettings;
  readonly waitMs: number;
}

/** Says what a source's first messages mean for a run. */
export function judgeSource(look: Look): readonly Finding[] {
  const { ending, seen, source, decode } = look;
  return [
    ...source.findings,
    ...seen.shown.map((message, index) => messageFinding(message, index, seen.firstAfterMs)),
    ...rowFinding(seen),
    ...errorAnswers(seen.kinds.all),
    ...unmatchedNames(seen.names, decode),
    ...(seen.row === undefined ? [] : suggestShape(seen.kinds.all, decode, seen.row)),
    ...(ending.by === 'error' ? [failure(ending.error, source)] : [...silence(look), ...noRow(look)]),
  ];
}

function failure(error: unknown, source: SourceExamination): Finding {
  const finding = errorFinding(error, source.addressKey);
  return source.isConnected === false ? { ...finding, text: `${subject(source)}${finding.text}` } : finding;
}

function subject({ address }: SourceExamination): string {
  return address === undefined ? '' : `${address}: `;
}

function messageFinding(message: SeenMessage, index: number, firstAfterMs: number | undefined): Finding {
  const when = index === 0 ? `first message after ${firstAfterMs} ms` : 'a further message';
  const text = `${when}, ${formatByteSize(message.bytes)}: ${meaningOf(message)}`;
  return { state: message.reason === null ? 'ok' : 'note', text, details: [message.raw] };
}

function meaningOf({ outcome, rows, reason }: SeenMessage): string {
  switch (outcome) {
    case 'ignored':
      return 'passed over by a rule of ignore:';
    case 'dead':
      return `would be a dead letter: ${reason}`;
    case 'empty':
      return reason === null ? 'no rows in it' : `no rows; dead: ${reason}`;
    case 'rows':
      return `${rows} ${rows === 1 ? 'row' : 'rows'}${reason === null ? '' : `, and a dead one: ${reason}`}`;
  }
}

function rowFinding({ row }: FirstMessages): readonly Finding[] {
  if (row === undefined) return [];
  const more = row.length > MAX_CELLS ? [`and ${row.length - MAX_CELLS} more`] : [];
  const details = [...cellLines(row.slice(0, MAX_CELLS)), ...more];
  return [{ state: 'ok', text: 'the first row', details }];
}

function cellLines(row: readonly SeenCell[]): readonly string[] {
  const width = Math.max(...row.map(({ name }) => name.length));
  return row.map(({ name, kind, value }) => `${name.padEnd(width)}  ${kind.padEnd(7)}  ${value}`);
}

function silence({ ending, seen, source, waitMs }: Look): readonly Finding[] {
  if (seen.counts.messages > 0) return [];
  if (ending.by === 'source') return [{ state: 'note', text: 'the source ended without a message' }];
  const wait = formatDuration(waitMs);
  if (source.isConnected === false) {
    const text = `${subject(source)}expected a connection within ${wait}, there was none`;
    const fix = { text: 'a firewall, a proxy, or a server that does not answer', paste: [] };
    return [{ state: 'problem', text, fixes: [fix], key: source.addressKey }];
  }
  const patience = { text: 'if the feed is only quiet, wait longer: --wait 60s', paste: [] };
  const text = `${source.isConnected === true ? 'connected, ' : ''}nothing received for ${wait}`;
  return [{ state: 'problem', text, fixes: [...(source.whenSilent ?? []), patience] }];
}

/** Messages without a row: fine when they are meant to be passed over, not when all would be dead letters. */
function noRow({ ending, seen }: Look): readonly Finding[] {
  const { messages, dead, ignored, rows, deadRows } = seen.counts;
  if (messages === 0 || rows > 0) return [];
  const counted = `${messages} ${messages === 1 ? 'message' : 'messages'} and no row`;
  const text = `${counted}: ${ignored} ignored, ${dead} dead; ${deadRows} dead rows`;
  if (dead + deadRows > 0) return [{ state: 'problem', text, fixes: [ALL_DEAD] }];
  const fixes = ending.by === 'wait' ? [{ text: 'wait longer: --wait 60s', paste: [] }] : [];
  return [{ state: 'note', text, fixes }];
}
