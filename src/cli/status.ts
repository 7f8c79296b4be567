import type { Command } from 'commander';
import type { ConsumerStatus, LoadStatus, PipelineStatus } from '../engine/progress/pipeline-status.js';
import { formatByteSize } from '../utils/byte-size.js';
import { counted, grouped } from './live/cells.js';
import { printResult, tableLines } from './print-table.js';

const INTERVAL_MS = 2000;

/** `socket-el status CONFIG` */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description(
      'Says how a pipeline stands by what is on the disk, while it runs in whatever process or afterwards.',
    )
    .argument('<config>', 'configuration file')
    .option('--json', 'print one JSON document')
    .action(status);
}

async function status(config: string, { json }: { readonly json?: boolean }): Promise<void> {
  const { readStatus } = await import('../engine/progress/pipeline-status.js');
  const { StageKeeper } = await import('../engine/stage-keeper.js');
  const found = await readStatus(await StageKeeper.load(config), INTERVAL_MS);
  printResult(json, found, statusLines(found, Date.now()));
}

/** @param nowMs milliseconds since 1970 */
function statusLines({ consumers, loads }: PipelineStatus, nowMs: number): readonly string[] {
  return [
    ...tableLines(
      ['consumer', 'state', 'messages', 'a second', 'last received', 'kept'],
      consumers.map((consumer) => consumerRow(consumer, nowMs)),
    ),
    '',
    ...tableLines(
      ['producer', 'state', 'loads', 'passed', 'when', 'a second', 'waiting'],
      loads.map((load) => loadRow(load, nowMs)),
    ),
  ];
}

function consumerRow(consumer: ConsumerStatus, nowMs: number): readonly (string | number)[] {
  const { name, state, pid, messages, messages_per_second, last_received_at, bytes } = consumer;
  return [
    name,
    stateText(state, pid),
    messages,
    Math.round(messages_per_second),
    agoText(last_received_at, nowMs),
    formatByteSize(bytes),
  ];
}

function loadRow(load: LoadStatus, nowMs: number): readonly (string | number)[] {
  const { name, state, pid, consumer, passed, passed_at, bytes_per_second } = load;
  const { waiting_batches, waiting_bytes } = load;
  return [
    name,
    stateText(state, pid),
    consumer,
    `batch ${grouped(passed)}`,
    agoText(passed_at, nowMs),
    formatByteSize(Math.round(bytes_per_second)),
    waiting_batches === 0
      ? 'nothing'
      : `${counted(waiting_batches, 'batch', 'batches')}, ${formatByteSize(waiting_bytes)}`,
  ];
}

function stateText(state: string, pid: number | null): string {
  if (state === 'never') return 'never ran';
  return pid === null ? state : `${state}, pid ${pid}`;
}

/** How long ago an RFC 3339 instant was, in the unit that a person would choose. */
function agoText(instant: string | null, nowMs: number): string {
  if (instant === null) return 'never';
  const seconds = Math.max(0, (nowMs - Date.parse(instant)) / 1000);
  if (seconds < 60) return `${seconds.toFixed(1)} s ago`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 172_800
    ? `${Math.floor(seconds / 3600)} h ago`
    : `${Math.floor(seconds / 86_400)} days ago`;
}
