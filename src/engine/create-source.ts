import type { Source } from '../producers/producer.js';
import type { Logger } from '../utils/logger.js';
import type { ComponentBuilder } from './component-builder.js';

/** A consumer's stage as a producer's source. */
export function createSource(
  builder: ComponentBuilder,
  consumer: string,
  { logger, endsWithSource }: { readonly logger: Logger; readonly endsWithSource: boolean },
): Source {
  const settings = builder.consumerSettings(consumer);
  return {
    consumer,
    stage: builder.stage(consumer, { logger }),
    decode: settings,
    table: settings.table ?? consumer,
    endsWithSource,
  };
}
