import type { RunnerSummary, RunSummary } from '../engine/summary.js';
import { closingLines } from './closing-lines.js';
import { counted, grouped } from './live/cells.js';

/** From so many on it matters how fast they were read. */
const MANY_ROWS = 10_000;

/** A summary for people: a line a runner, and one for the run. */
export function summaryLines(summary: RunSummary): readonly string[] {
  const seconds = (Date.parse(summary.ended_at) - Date.parse(summary.started_at)) / 1000;
  return [
    ...summary.runners.map(
      (runner) =>
        `${runner.name}: ${runner.type === 'consumer' ? consumerLine(runner) : producerLine(runner)}`,
    ),
    ...closingLines(summary.runners),
    `run ${summary.run_id} ${summary.status} after ${seconds.toFixed(1)} s, ended by ${summary.ended_by}`,
  ];
}

function consumerLine({ status, messages, batches, gaps, restarts }: RunnerSummary): string {
  const what = [counted(gaps, 'gap'), counted(restarts, 'restart')];
  return `${status}, ${counted(messages, 'message')} in ${counted(batches, 'batch', 'batches')}, ${what.join(', ')}`;
}

/** The accounts: dead counts messages that are no rows at all and rows that fit no column. */
function producerLine(runner: RunnerSummary): string {
  const { status, messages, rows, loaded, dead, discarded, merged, ignored, duplicates_skipped } = runner;
  const discards = discarded > 0 ? `, ${grouped(discarded)} discarded` : '';
  const merges = merged > 0 ? `, ${grouped(merged)} merged into others` : '';
  const skipped = duplicates_skipped > 0 ? `, ${counted(duplicates_skipped, 'repeated row')} skipped` : '';
  const lane =
    rows >= MANY_ROWS ? `, ${share(runner.rows_fast, rows)} of the rows read in one pass (fast lane)` : '';
  return `${status}, ${counted(messages, 'message')}, ${counted(rows, 'row')}: ${grouped(loaded)} loaded, ${grouped(dead)} dead${discards}${merges}; ${counted(ignored, 'message')} ignored${skipped}${lane}`;
}

/** Rounded down, so that 100 % means all. */
function share(part: number, all: number): string {
  return `${Math.floor((part / all) * 100)} %`;
}
