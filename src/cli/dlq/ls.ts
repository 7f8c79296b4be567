import type { Command } from 'commander';
import { printResult, tableLines } from '../print-table.js';
import { addDlqOptions, type DlqFlags, withDeadLetters } from './dlq-options.js';

/** `socket-el dlq ls CONFIG PRODUCER` */
export function addDlqLs(dlq: Command): void {
  addDlqOptions(dlq.command('ls').description('Counts the dead letters by consumer and reason.')).action(
    list,
  );
}

async function list(config: string, producer: string, flags: DlqFlags): Promise<void> {
  const groups = await withDeadLetters(config, producer, flags, (sink) =>
    sink.deadLetters().groups({ consumer: flags.consumer }),
  );
  const head = ['consumer', 'table', 'count', 'last', 'reason'];
  const rows = groups.map(({ consumer, target, count, last_at, reason }) => [
    consumer,
    target,
    count,
    last_at,
    reason,
  ]);
  printResult(flags.json, groups, groups.length === 0 ? ['no dead letters'] : tableLines(head, rows));
}
