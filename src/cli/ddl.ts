import type { Command } from 'commander';
import type { PlannedChanges } from '../engine/plan-changes.js';
import { gatherOption } from './option-values.js';
import { printResult } from './print-table.js';

interface DdlFlags {
  readonly profileFile?: readonly string[];
  readonly producer?: string;
  readonly json?: boolean;
}

/** `socket-el ddl CONFIG` */
export function addDdl(program: Command): void {
  program
    .command('ddl')
    .description(
      'Prints the statements that a run would execute before it loads what is staged. Changes nothing.',
    )
    .argument('<config>', 'configuration file')
    .option('--producer <name>', 'only those of this producer')
    .option('--profile-file <file>', 'profile file; may be given several times, later ones win', gatherOption)
    .option('--json', 'print one JSON document')
    .action(ddl);
}

async function ddl(config: string, flags: DdlFlags): Promise<void> {
  const { planChanges } = await import('../engine/plan-changes.js');
  const { createLogger } = await import('../utils/logger.js');
  const { Redactor } = await import('../utils/redaction.js');
  const redactor = new Redactor();
  const logger = createLogger({ format: 'text', redactor, write: (line) => process.stderr.write(line) });
  const changes = await planChanges({
    config,
    producer: flags.producer,
    profileFiles: flags.profileFile ?? [],
    logger,
    onSecret: (secret) => redactor.add(secret),
  });
  printResult(flags.json, changes, lines(changes));
}

/** Statements that several sources need are printed once. */
function lines(changes: readonly PlannedChanges[]): readonly string[] {
  const seen = new Set<string>();
  return changes.flatMap(({ producer, consumer, statements, waiting }) => {
    const fresh = statements.filter((statement) => !seen.has(statement));
    for (const statement of fresh) seen.add(statement);
    const found =
      waiting === 0 ? 'nothing waits, so its tables are not known yet' : `${waiting} messages wait`;
    return [`-- ${consumer} into ${producer}: ${found}`, ...fresh.map((statement) => `${statement};`)];
  });
}
