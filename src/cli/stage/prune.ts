import type { Command } from 'commander';
import { formatByteSize } from '../../utils/byte-size.js';
import { printResult } from '../print-table.js';

/** What was removed, as `--json` prints it. */
interface PrunedLine {
  readonly consumer: string;
  readonly batches: number;
  readonly bytes: number;
}

/** `socket-el stage prune CONFIG [CONSUMER]` */
export function addStagePrune(stage: Command): void {
  stage
    .command('prune')
    .description('Removes messages that every producer has passed, now, whatever stage.retain says.')
    .argument('<config>', 'configuration file')
    .argument('[consumer]', 'name of the consumer; all unless given')
    .option('--parquet', 'remove Parquet files of passed batches too, which stage.retain would keep')
    .option('--json', 'print one JSON document')
    .action(prune);
}

async function prune(
  config: string,
  consumer: string | undefined,
  { json, parquet }: { readonly json?: boolean; readonly parquet?: boolean },
): Promise<void> {
  const { StageKeeper } = await import('../../engine/stage-keeper.js');
  const { pruneStage } = await import('../../stages/upkeep/prune-stage.js');
  const keeper = await StageKeeper.load(config);
  const lines: PrunedLine[] = [];
  for (const folder of await keeper.folders(consumer)) {
    const { type, retain } = keeper.builder.consumerSettings(folder.identity.consumer).stage;
    const isConverted = type === 'parquet';
    const how = {
      dependents: keeper.dependents(folder.identity.consumer),
      isConverted,
      retain: isConverted && parquet !== true ? retain : { for: 0, bytes: 0 },
    };
    lines.push({ consumer: folder.identity.consumer, ...(await pruneStage(folder, how)) });
  }
  const texts = lines.map(
    ({ consumer, batches, bytes }) => `${consumer}: ${batches} batches removed, ${formatByteSize(bytes)}`,
  );
  printResult(json, lines, texts);
}
