import { type Command, InvalidArgumentError } from 'commander';
import type { ReplayStart } from '../../stages/upkeep/move-cursor.js';
import { SocketElError } from '../../utils/errors.js';
import { assertNoOverwrite } from '../assert-no-overwrite.js';
import { counted } from '../live/cells.js';
import { gatherOption, wholeNumberOption } from '../option-values.js';
import { printResult } from '../print-table.js';
import { withSink } from '../with-sink.js';

interface ReplayFlags {
  readonly consumer?: string;
  readonly from?: number;
  readonly since?: number;
  readonly again?: boolean;
  readonly force?: boolean;
  readonly profileFile?: readonly string[];
  readonly json?: boolean;
}

/** What was set back, as `--json` prints it. */
interface ReplayLine {
  readonly consumer: string;
  readonly first: number;
  readonly batches: number;
  readonly messages: number;
  /** Entries removed from the ledger. */
  readonly forgotten: number;
}

/** `socket-el stage replay CONFIG PRODUCER` */
export function addStageReplay(stage: Command): void {
  stage
    .command('replay')
    .description('Lets a producer read batches again; its ledger skips what it holds, so nothing is doubled.')
    .argument('<config>', 'configuration file')
    .argument('<producer>', 'name of the producer')
    .option('--consumer <name>', 'only the stage of this consumer')
    .option('--from <seq>', 'begin with this batch; the oldest unless given', wholeNumberOption(1))
    .option('--since <time>', 'begin with what was received then, RFC 3339', instantOption)
    .option('--again', 'forget in the sink that it holds them: adds their rows again')
    .option('--force', 'with --again, also where rows are merged: older ones take the place of newer ones')
    .option('--profile-file <file>', 'profile file, for --again; may be given several times', gatherOption)
    .option('--json', 'print one JSON document')
    .action(replay);
}

async function replay(config: string, producer: string, flags: ReplayFlags): Promise<void> {
  if (flags.from !== undefined && flags.since !== undefined) throw bothError();
  const { StageKeeper } = await import('../../engine/stage-keeper.js');
  const { setCursorBack } = await import('../../stages/upkeep/move-cursor.js');
  const keeper = await StageKeeper.load(config);
  const sources = keeper.builder.runner(keeper.producers(producer)[0] as string).dependsOn;
  const chosen = keeper.consumers(flags.consumer).filter((name) => sources.includes(name));
  if (flags.again) await assertMayRepeat(config, producer, chosen, flags);
  const lines: ReplayLine[] = [];
  for (const consumer of chosen) {
    const folder = await keeper.folder(consumer);
    const start: ReplayStart =
      flags.since === undefined
        ? { seq: flags.from ?? folder.state.pruned.through + 1 }
        : { sinceUs: flags.since };
    const replayed = await setCursorBack(folder, producer, start);
    const place = { consumer, stageId: folder.identity.id, first: replayed.first };
    const forgotten = flags.again ? await forgetInSink(config, producer, place, flags) : 0;
    lines.push({ consumer, ...replayed, forgotten });
  }
  const texts = lines.map(
    ({ consumer, first, batches, messages, forgotten }) =>
      `${consumer}: ${producer} reads again from batch ${first} on: ${counted(batches, 'batch', 'batches')}, ${counted(messages, 'message')}${flags.again ? `; ${forgotten} entries of the ledger removed, so their rows are added again` : ''}`,
  );
  printResult(flags.json, lines, texts);
}

function assertMayRepeat(
  config: string,
  producer: string,
  consumers: readonly string[],
  flags: ReplayFlags,
): Promise<void> {
  return withSink({ config, producer, profileFiles: flags.profileFile ?? [] }, async (sink, sources) => {
    const chosen = sources.filter(({ consumer }) => consumers.includes(consumer));
    assertNoOverwrite(sink, chosen, flags.force);
  });
}

function forgetInSink(
  config: string,
  producer: string,
  place: { readonly consumer: string; readonly stageId: string; readonly first: number },
  flags: ReplayFlags,
): Promise<number> {
  return withSink({ config, producer, profileFiles: flags.profileFile ?? [] }, async (sink, sources) => {
    const source = sources.find(({ consumer }) => consumer === place.consumer);
    return source === undefined ? 0 : sink.forgetLoads(source, place.stageId, place.first);
  });
}

function instantOption(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || !/^\d{4}-/.test(text))
    throw new InvalidArgumentError('expected a time such as 2026-01-31T12:00:00Z');
  return ms * 1000;
}

function bothError(): SocketElError {
  return new SocketElError({
    code: 'usage.argument',
    message: 'expected --from or --since, got both',
    hint: 'give one',
  });
}
