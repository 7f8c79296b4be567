import type { Command } from 'commander';
import { EXIT_CODE } from '../../engine/exit-code.js';
import type { StageReport } from '../../stages/upkeep/verify-stage.js';
import { printResult } from '../print-table.js';

/** `socket-el stage verify CONFIG [CONSUMER]` */
export function addStageVerify(stage: Command): void {
  stage
    .command('verify')
    .description(
      'Reads everything that is kept and compares it with its checksums; exit code 1 when it differs.',
    )
    .argument('<config>', 'configuration file')
    .argument('[consumer]', 'name of the consumer; all unless given')
    .option('--json', 'print one JSON document')
    .action(verify);
}

async function verify(
  config: string,
  consumer: string | undefined,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const { StageKeeper } = await import('../../engine/stage-keeper.js');
  const { verifyStage } = await import('../../stages/upkeep/verify-stage.js');
  const keeper = await StageKeeper.load(config);
  const reports: StageReport[] = [];
  for (const folder of await keeper.folders(consumer)) reports.push(await verifyStage(folder));
  printResult(json, reports, reports.flatMap(reportLines));
  if (reports.some(({ damage }) => damage.length > 0)) process.exitCode = EXIT_CODE.failed;
}

function reportLines({ consumer, batches, messages, parquet_files, damage }: StageReport): readonly string[] {
  const counts = `${batches.toLocaleString('en-US')} batches, ${messages.toLocaleString('en-US')} messages, ${parquet_files} Parquet files`;
  const verdict = damage.length === 0 ? 'sound' : `${damage.length} damaged:`;
  return [`${consumer}: ${counts}, ${verdict}`, ...damage.map((what) => `  ${what}`)];
}
