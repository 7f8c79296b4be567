import type { TestDatabase } from './database.js';
import { type FeedLog, firstSeqAfter, sentAt } from './live-feed.js';
import { expectedRow, type PayloadRow } from './payload.mjs';
import type { RecordedGap } from './stage-files.js';

/** How long a message may be on its way and in memory before it must survive a crash. */
export const DURABLE_WITHIN_MS = 200;
/** A message is received a little later than it was sent, so a gap may begin that much after the send time. */
const FLIGHT_MS = 100;

/** What a table holds, judged by the function of (seed, seq) alone. Lists are cut at 20 entries. */
export interface Verdict {
  readonly rows: number;
  readonly duplicates: readonly number[];
  readonly phantoms: readonly string[];
  readonly corrupt: readonly string[];
  has(seq: number): boolean;
}

export interface Judged {
  readonly database: TestDatabase;
  readonly table: string;
  readonly seed: number;
  /** Seqs from 0 up to this one were issued; others are phantoms. */
  readonly issued: number;
}

const MAX_LISTED = 20;

function difference(row: Readonly<Record<string, unknown>>, expected: PayloadRow): string | undefined {
  for (const name in expected) {
    if (!Object.is(row[name], expected[name])) {
      return `seq ${expected.seq}: ${name} is ${JSON.stringify(row[name])}, not ${JSON.stringify(expected[name])}`;
    }
  }
  const extra = Object.keys(row).find((name) => !(name in expected) && row[name] !== null);
  return extra === undefined
    ? undefined
    : `seq ${expected.seq}: unexpected ${extra} = ${JSON.stringify(row[extra])}`;
}

/** Compares every value of every row with what the feed sent. */
export async function judgeTable({ database, table, seed, issued }: Judged): Promise<Verdict> {
  const counts = new Uint8Array(issued);
  const [duplicates, phantoms, corrupt]: [number[], string[], string[]] = [[], [], []];
  const note = <T>(list: T[], entry: T): void => {
    if (list.length < MAX_LISTED) list.push(entry);
  };
  let rows = 0;
  await database.forEachRow(`SELECT * FROM ${table}`, (row) => {
    rows++;
    const seq = Number(row.seq ?? Number.NaN);
    if (!(Number.isInteger(seq) && seq >= 0 && seq < issued)) return note(phantoms, JSON.stringify(row));
    const seen = (counts[seq] as number) + 1;
    counts[seq] = Math.min(seen, 2);
    if (seen > 1) note(duplicates, seq);
    const wrong = difference(row, expectedRow(seed, seq));
    if (wrong) note(corrupt, wrong);
  });
  return { rows, duplicates, phantoms, corrupt, has: (seq) => counts[seq] !== 0 };
}

/** What of a verdict must be empty whatever happened. */
export function faultsOf(verdict: Verdict): object {
  const { duplicates, phantoms, corrupt } = verdict;
  return { duplicates, phantoms, corrupt };
}

export const NO_FAULTS = { duplicates: [], phantoms: [], corrupt: [] };

/** The seqs in [from, to) that are not in the table. */
export function missingBetween(verdict: Verdict, from: number, to: number): number[] {
  const missing: number[] = [];
  for (let seq = from; seq < to; seq++) if (!verdict.has(seq)) missing.push(seq);
  return missing;
}

/** The seqs that a connection got and that had time to become durable before `endMs`, as [from, to). */
export function owedBy(log: FeedLog, connection: number, endMs: number): [number, number] {
  const opened = log.connections[connection];
  if (!opened) throw new Error(`the feed saw ${log.connections.length} connections, no number ${connection}`);
  return [opened.openedSeq, Math.max(opened.openedSeq, firstSeqAfter(log, endMs - DURABLE_WITHIN_MS))];
}

/** Those of the missing seqs whose send time lies in none of the recorded gaps. */
export function outsideGaps(
  log: FeedLog,
  missing: readonly number[],
  gaps: readonly RecordedGap[],
): number[] {
  const isCovered = (atMs: number) =>
    gaps.some(({ fromMs, toMs }) => fromMs - FLIGHT_MS <= atMs && atMs <= toMs);
  return missing.filter((seq) => !isCovered(sentAt(log, seq)));
}

/** A list short enough for an assertion's message. */
export function brief(seqs: readonly number[]): { count: number; first: readonly number[] } {
  return { count: seqs.length, first: seqs.slice(0, 5) };
}

export const NONE = { count: 0, first: [] };
