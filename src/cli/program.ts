import { Command } from 'commander';
import { addDdl } from './ddl.js';
import { addDlq } from './dlq/index.js';
import { addDoctor } from './doctor.js';
import { addFeed } from './feed.js';
import { addInit } from './init.js';
import { addRun } from './run.js';
import { addSchema } from './schema.js';
import { addStage } from './stage/index.js';
import { addStatus } from './status.js';
import { addValidate } from './validate.js';
import { addVarieties } from './varieties.js';
import { readVersion } from './version.js';

/** The whole command line. Wrong usage ends with exit code 2. */
export function createProgram(): Command {
  const program = new Command('socket-el')
    .description('Moves live data from a source through a durable stage into a sink, exactly once.')
    .version(readVersion())
    .exitOverride()
    .showHelpAfterError('(socket-el --help shows how)')
    .showSuggestionAfterError();
  addInit(program);
  addRun(program);
  addValidate(program);
  addDoctor(program);
  addStatus(program);
  addDdl(program);
  addStage(program);
  addDlq(program);
  addFeed(program);
  addVarieties(program);
  addSchema(program);
  for (const command of allCommands(program)) command.exitOverride();
  return program;
}

function allCommands(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}
