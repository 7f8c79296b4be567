import type { Command } from 'commander';
import { SocketElError } from '../../utils/errors.js';
import { printResult } from '../print-table.js';

interface ForgetFlags {
  readonly consumer?: string;
  readonly json?: boolean;
}

/** `socket-el stage forget CONFIG READER` */
export function addStageForget(stage: Command): void {
  stage
    .command('forget')
    .description('Removes the cursor of a producer that is gone, so that it keeps no batches any more.')
    .argument('<config>', 'configuration file')
    .argument('<producer>', 'name of the producer that is no longer in the configuration')
    .option('--consumer <name>', 'only in the stage of this consumer')
    .option('--json', 'print one JSON document')
    .action(forget);
}

async function forget(config: string, producer: string, flags: ForgetFlags): Promise<void> {
  const { StageKeeper } = await import('../../engine/stage-keeper.js');
  const { forgetReader } = await import('../../stages/upkeep/move-cursor.js');
  const keeper = await StageKeeper.load(config);
  const forgotten: string[] = [];
  for (const folder of await keeper.folders(flags.consumer)) {
    const { consumer } = folder.identity;
    if (keeper.dependents(consumer).includes(producer)) throw inConfigError(producer, consumer);
    if (await forgetReader(folder, producer)) forgotten.push(consumer);
  }
  if (forgotten.length === 0) throw unknownError(producer);
  printResult(flags.json, { producer, consumers: forgotten }, [
    `${producer} is forgotten in ${forgotten.join(', ')}`,
  ]);
}

function inConfigError(producer: string, consumer: string): SocketElError {
  return new SocketElError({
    code: 'usage.argument',
    message: `expected a producer that no longer loads ${consumer}, got "${producer}", which does`,
    hint: `take it out of the configuration first; to load again what is kept: socket-el stage replay <config> ${producer}`,
  });
}

function unknownError(producer: string): SocketElError {
  return new SocketElError({
    code: 'usage.argument',
    message: `expected a producer that has a cursor in one of the stages, got "${producer}"`,
    hint: 'socket-el stage ls shows them',
  });
}
