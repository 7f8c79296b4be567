import type { Command } from 'commander';
import type { DeadLetterReplay } from '../../producers/dead-letters.js';
import { printResult } from '../print-table.js';
import { addDlqOptions, type DlqFlags, withDeadLetters } from './dlq-options.js';

/** `socket-el dlq replay CONFIG PRODUCER` */
export function addDlqReplay(dlq: Command): void {
  const command = dlq
    .command('replay')
    .description('Decodes dead letters as the configuration says now, and loads what fits, exactly once.');
  addDlqOptions(command).action(replay);
}

async function replay(config: string, producer: string, flags: DlqFlags): Promise<void> {
  const replays: ({ readonly consumer: string } & DeadLetterReplay)[] = [];
  await withDeadLetters(config, producer, flags, async (sink, sources) => {
    for (const source of sources)
      replays.push({ consumer: source.consumer, ...(await sink.deadLetters().replay(source)) });
  });
  const lines = replays.map(
    ({ consumer, replayed, rows, remaining }) =>
      `${consumer}: ${replayed} dead letters loaded as ${rows} rows, ${remaining} are still dead`,
  );
  printResult(flags.json, replays, lines);
}
