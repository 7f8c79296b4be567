import type { Command } from 'commander';
import type { DeadLetterReplay } from '../../producers/dead-letters.js';
import { assertNoOverwrite } from '../assert-no-overwrite.js';
import { printResult } from '../print-table.js';
import { addDlqOptions, type DlqFlags, withDeadLetters } from './dlq-options.js';

interface ReplayFlags extends DlqFlags {
  readonly force?: boolean;
}

/** `socket-el dlq replay CONFIG PRODUCER` */
export function addDlqReplay(dlq: Command): void {
  const command = dlq
    .command('replay')
    .description('Decodes dead letters as the configuration says now, and loads what fits, exactly once.');
  addDlqOptions(command)
    .option('--force', 'also where rows are merged, so that older ones may take the place of newer ones')
    .action(replay);
}

async function replay(config: string, producer: string, flags: ReplayFlags): Promise<void> {
  const replays: ({ readonly consumer: string } & DeadLetterReplay)[] = [];
  await withDeadLetters(config, producer, flags, async (sink, sources) => {
    assertNoOverwrite(sink, sources, flags.force);
    for (const source of sources)
      replays.push({ consumer: source.consumer, ...(await sink.deadLetters().replay(source)) });
  });
  const lines = replays.map(
    ({ consumer, replayed, rows, remaining }) =>
      `${consumer}: ${replayed} dead letters loaded as ${rows} rows, ${remaining} are still dead`,
  );
  printResult(flags.json, replays, lines);
}
