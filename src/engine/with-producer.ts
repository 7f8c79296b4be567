import type { Producer, Source } from '../producers/producer.js';
import { Counters } from '../utils/counters.js';
import { SocketElError } from '../utils/errors.js';
import type { Logger } from '../utils/logger.js';
import { findProfileFiles } from '../utils/profile.js';
import { ComponentBuilder } from './component-builder.js';
import { loadPipeline } from './config/load-pipeline.js';
import { createSource } from './create-source.js';

/** Which producer is wanted. */
export interface ProducerPlace {
  readonly config: string;
  readonly producer: string;
  readonly profileFiles: readonly string[];
  /** Leaves the sink as it is: it is not opened, and so not prepared. */
  readonly isUnopened?: boolean;
  readonly logger: Logger;
  /** Told of each secret that is read, so that it can be masked. */
  readonly onSecret: (secret: string) => void;
}

/** Opens a producer's sink outside a run, works with it, and closes it on every path. */
export async function withProducer<T>(
  place: ProducerPlace,
  work: (producer: Producer, sources: readonly Source[]) => Promise<T>,
): Promise<T> {
  const profileFiles = findProfileFiles(place.profileFiles);
  const { pipeline, secrets } = await loadPipeline(place.config, { profileFiles, only: [place.producer] });
  for (const secret of secrets) place.onSecret(secret);
  const builder = await ComponentBuilder.load(pipeline);
  const runner = pipeline.runners.find(({ name, type }) => name === place.producer && type === 'producer');
  if (runner === undefined) throw unknownProducer(place.producer, pipeline.runners);
  const { logger, onSecret } = place;
  const sources = runner.dependsOn.map((name) =>
    createSource(builder, name, { logger, endsWithSource: true }),
  );
  const context = { name: runner.name, pipeline: pipeline.name, sources, logger, counters: new Counters() };
  const producer = await builder.producer(runner.name, { ...context, profileFiles, onSecret });
  try {
    if (place.isUnopened !== true) await producer.ensureOpen();
    return await work(producer, sources);
  } finally {
    await producer.close();
  }
}

function unknownProducer(name: string, runners: readonly { name: string; type: string }[]): SocketElError {
  const known = runners.filter(({ type }) => type === 'producer').map((runner) => runner.name);
  const message = `expected the name of a producer, got "${name}"`;
  return new SocketElError({ code: 'usage.argument', message, hint: `producers: ${known.join(', ')}` });
}
