import type { Command } from 'commander';
import { printResult, tableLines } from '../print-table.js';

/** A gap, as `--json` prints it. Times are RFC 3339. */
interface GapLine {
  readonly consumer: string;
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
  readonly reason: string;
}

/** `socket-el stage gaps CONFIG [CONSUMER]` */
export function addStageGaps(stage: Command): void {
  stage
    .command('gaps')
    .description('Lists the intervals in which a source was not being received.')
    .argument('<config>', 'configuration file')
    .argument('[consumer]', 'name of the consumer; all unless given')
    .option('--json', 'print one JSON document')
    .action(listGaps);
}

async function listGaps(
  config: string,
  consumer: string | undefined,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const { StageKeeper } = await import('../../engine/stage-keeper.js');
  const { readFacts } = await import('../../stages/upkeep/stage-folder.js');
  const keeper = await StageKeeper.load(config);
  const gaps: GapLine[] = [];
  for (const folder of await keeper.folders(consumer)) {
    for await (const fact of readFacts(folder, (message) => process.stderr.write(`${message}\n`))) {
      if (fact.fact !== 'gap') continue;
      const { from, to, reason } = fact;
      const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
      gaps.push({ consumer: folder.identity.consumer, from, to, seconds, reason });
    }
  }
  const rows = gaps.map(({ consumer, from, to, seconds, reason }) => [consumer, from, to, seconds, reason]);
  const lines = tableLines(['consumer', 'from', 'to', 'seconds', 'reason'], rows);
  printResult(json, gaps, lines.length === 0 ? ['no gaps'] : lines);
}
