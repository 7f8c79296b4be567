import type { Command } from 'commander';
import { wholeNumberOption } from '../option-values.js';
import { printResult } from '../print-table.js';

interface RekeyFlags {
  readonly after?: number;
  readonly json?: boolean;
}

/** `socket-el stage rekey CONFIG CONSUMER` */
export function addStageRekey(stage: Command): void {
  stage
    .command('rekey')
    .description('Gives a copied stage an identity of its own, so that sinks tell it from the original.')
    .argument('<config>', 'configuration file')
    .argument('<consumer>', 'name of the consumer')
    .option(
      '--after <seq>',
      'the last batch that the original loads; the furthest cursor unless given',
      wholeNumberOption(0),
    )
    .option('--json', 'print one JSON document')
    .action(rekey);
}

async function rekey(config: string, consumer: string, flags: RekeyFlags): Promise<void> {
  const { StageKeeper } = await import('../../engine/stage-keeper.js');
  const { furthestCursor, rekeyStage } = await import('../../stages/upkeep/rekey-stage.js');
  const keeper = await StageKeeper.load(config);
  const folder = await keeper.folder(keeper.consumers(consumer)[0] as string);
  const after = flags.after ?? (await furthestCursor(folder));
  const id = await rekeyStage(folder, after);
  printResult(flags.json, { consumer, id, before: folder.identity.id, after }, [
    `${consumer}: stage ${folder.identity.id} is now ${id}; batches behind ${after} are loaded as its own`,
  ]);
}
