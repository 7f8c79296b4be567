import type { Command } from 'commander';
import type { StoredDeadLetter } from '../../producers/dead-letters.js';
import { wholeNumberOption } from '../option-values.js';
import { printResult } from '../print-table.js';
import { addDlqOptions, type DlqFlags, withDeadLetters } from './dlq-options.js';

interface ShowFlags extends DlqFlags {
  readonly limit: number;
}

/** `socket-el dlq show CONFIG PRODUCER` */
export function addDlqShow(dlq: Command): void {
  addDlqOptions(dlq.command('show').description('Shows dead letters with their reason, the newest first.'))
    .option('--limit <count>', 'so many at most', wholeNumberOption(1), 20)
    .action(show);
}

async function show(config: string, producer: string, flags: ShowFlags): Promise<void> {
  const letters = await withDeadLetters(config, producer, flags, (sink) =>
    sink.deadLetters().list({ consumer: flags.consumer }, flags.limit),
  );
  const lines = letters.flatMap(letterLines);
  printResult(flags.json, letters.map(asJson), lines.length === 0 ? ['no dead letters'] : lines);
}

function letterLines(letter: StoredDeadLetter): readonly string[] {
  const { consumer, seq, message, is_row, reason, raw } = letter;
  const what = is_row ? 'a row of message' : 'message';
  return [`${consumer}, batch ${seq}, ${what} ${message}: ${reason}`, `  ${printable(raw)}`];
}

/** Text as it is; anything that is none, and control characters, escaped. */
function printable(raw: Buffer): string {
  const text = raw.toString('utf8');
  const isText = Buffer.from(text).equals(raw);
  if (!isText) return `base64:${raw.toString('base64')}`;
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** `raw` is text where it is UTF-8, and `raw_base64` always the bytes. */
function asJson(letter: StoredDeadLetter) {
  return { ...letter, raw: letter.raw.toString('utf8'), raw_base64: letter.raw.toString('base64') };
}
