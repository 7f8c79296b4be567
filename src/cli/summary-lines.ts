import type { RunnerSummary, RunSummary } from '../engine/summary.js';
import { closingLines } from './closing-lines.js';
import { grouped } from './live/cells.js';

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
  return `${status}, ${grouped(messages)} messages in ${grouped(batches)} batches, ${gaps} gaps, ${restarts} restarts`;
}

/** The accounts: dead counts messages that are no rows at all and rows that fit no column. */
function producerLine(runner: RunnerSummary): string {
  const { status, messages, rows, loaded, dead, discarded, merged, ignored, duplicates_skipped } = runner;
  const discards = discarded > 0 ? `, ${grouped(discarded)} discarded` : '';
  const merges = merged > 0 ? `, ${grouped(merged)} merged into others` : '';
  const skipped = duplicates_skipped > 0 ? `, ${grouped(duplicates_skipped)} repeated rows skipped` : '';
  const lane = rows > 0 ? `, ${share(runner.rows_fast, rows)} of the rows in the fast lane` : '';
  return `${status}, ${grouped(messages)} messages, ${grouped(rows)} rows: ${grouped(loaded)} loaded, ${grouped(dead)} dead${discards}${merges}; ${grouped(ignored)} messages ignored${skipped}${lane}`;
}

/** Rounded down, so that 100 % means all. */
function share(part: number, all: number): string {
  return `${Math.floor((part / all) * 100)} %`;
}
