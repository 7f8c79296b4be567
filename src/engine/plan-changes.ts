import type { Producer, Source } from '../producers/producer.js';
import type { Batch } from '../stages/stage.js';
import { waitingBatches } from '../stages/upkeep/waiting-batches.js';
import type { Logger } from '../utils/logger.js';
import { findProfileFiles } from '../utils/profile.js';
import { StageKeeper } from './stage-keeper.js';
import { withProducer } from './with-producer.js';

/** What a run would change for one consumer's rows. */
export interface PlannedChanges {
  readonly producer: string;
  readonly consumer: string;
  readonly statements: readonly string[];
  /** Messages that wait in the stage; without any, the tables of their rows are not known yet. */
  readonly waiting: number;
}

/** Which statements are wanted. */
export interface ChangesPlace {
  readonly config: string;
  /** One producer; all unless given. */
  readonly producer: string | undefined;
  readonly profileFiles: readonly string[];
  readonly logger: Logger;
  readonly onSecret: (secret: string) => void;
}

/** The statements that a run would execute before it loads what waits in the stages now. Nothing is changed anywhere. */
export async function planChanges(place: ChangesPlace): Promise<readonly PlannedChanges[]> {
  const keeper = await StageKeeper.load(place.config);
  const profileFiles = findProfileFiles(place.profileFiles);
  const changes: PlannedChanges[] = [];
  for (const producer of keeper.producers(place.producer)) {
    const sink = { ...place, profileFiles, producer, isUnopened: true };
    const planned = await withProducer(sink, (opened, sources) =>
      planFor(opened, sources, (consumer) => batchesFor(keeper, producer, consumer, place.logger)),
    );
    changes.push(...planned.map((change) => ({ producer, ...change })));
  }
  return changes;
}

async function planFor(
  producer: Producer,
  sources: readonly Source[],
  batchesOf: (consumer: string) => Promise<readonly Batch[]>,
): Promise<readonly Omit<PlannedChanges, 'producer'>[]> {
  const changes: Omit<PlannedChanges, 'producer'>[] = [];
  for (const source of sources) {
    const batches = await batchesOf(source.consumer);
    const statements = await producer.statementsFor(source, batches);
    const waiting = batches.reduce((sum, { messages }) => sum + messages, 0);
    changes.push({ consumer: source.consumer, statements, waiting });
  }
  return changes;
}

/** None where nothing was staged yet. */
async function batchesFor(
  keeper: StageKeeper,
  producer: string,
  consumer: string,
  logger: Logger,
): Promise<readonly Batch[]> {
  const folder = (await keeper.folders()).find(({ identity }) => identity.consumer === consumer);
  if (folder === undefined) return [];
  return waitingBatches(folder, producer, (message) => logger.log({ level: 'warn', message }));
}
