import type { Command } from 'commander';
import type { Producer, Source } from '../../producers/producer.js';
import { SocketElError } from '../../utils/errors.js';
import { gatherOption } from '../option-values.js';
import { withSink } from '../with-sink.js';

/** The flags that all verbs of `dlq` have. */
export interface DlqFlags {
  readonly consumer?: string;
  readonly profileFile?: readonly string[];
  readonly json?: boolean;
}

/** Adds the arguments and options that all verbs of `dlq` have. */
export function addDlqOptions(command: Command): Command {
  return command
    .argument('<config>', 'configuration file')
    .argument('<producer>', 'name of the producer whose sink holds them')
    .option('--consumer <name>', 'only those of this consumer')
    .option('--profile-file <file>', 'profile file; may be given several times, later ones win', gatherOption)
    .option('--json', 'print one JSON document');
}

/** Works with a producer's dead letters; `sources` are those that the flags choose. */
export function withDeadLetters<T>(
  config: string,
  producer: string,
  flags: DlqFlags,
  work: (sink: Producer, sources: readonly Source[]) => Promise<T>,
): Promise<T> {
  return withSink({ config, producer, profileFiles: flags.profileFile ?? [] }, (sink, sources) =>
    work(sink, chooseSources(sources, producer, flags.consumer)),
  );
}

function chooseSources(
  sources: readonly Source[],
  producer: string,
  consumer: string | undefined,
): readonly Source[] {
  const chosen = sources.filter((source) => consumer === undefined || source.consumer === consumer);
  if (chosen.length > 0) return chosen;
  throw new SocketElError({
    code: 'usage.argument',
    message: `--consumer: expected a consumer that ${producer} loads, got "${consumer}"`,
    hint: `it loads ${sources.map((source) => source.consumer).join(', ')}`,
  });
}
