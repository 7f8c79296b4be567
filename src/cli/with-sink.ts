import type { Producer, Source } from '../producers/producer.js';
import { createLogger } from '../utils/logger.js';
import { Redactor } from '../utils/redaction.js';

/** Which producer's sink is wanted. */
interface SinkPlace {
  readonly config: string;
  readonly producer: string;
  readonly profileFiles: readonly string[];
}

/** Works with a producer's sink outside a run; what it logs goes to standard error without secrets. */
export async function withSink<T>(
  place: SinkPlace,
  work: (producer: Producer, sources: readonly Source[]) => Promise<T>,
): Promise<T> {
  const { withProducer } = await import('../engine/with-producer.js');
  const redactor = new Redactor();
  const logger = createLogger({ format: 'text', redactor, write: (line) => process.stderr.write(line) });
  return withProducer({ ...place, logger, onSecret: (secret) => redactor.add(secret) }, work);
}
