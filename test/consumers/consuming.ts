import { onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Consumer } from '../../src/consumers/consumer.js';
import { type ConsumerVariety, holds } from '../../src/consumers/variety.js';
import type { LocalStage } from '../../src/stages/local.js';
import type { LogRecord } from '../../src/utils/logger.js';
import { openStage, type ReadBatch, readLines, readSealed } from '../stages/staged.js';

/** A consumer made from YAML by its variety, with its stage. */
export interface Consuming {
  readonly consumer: Consumer;
  readonly stage: LocalStage;
  readonly logs: LogRecord[];
  readonly gaps: () => number;
  /** Runs until the source ends, or `stop` is called, and closes the stage. */
  run(): Promise<void>;
  stop(): void;
  lines(): Promise<string[]>;
  batches(): Promise<ReadBatch[]>;
}

export async function createConsuming(
  folder: string,
  variety: ConsumerVariety,
  keys: Readonly<Record<string, unknown>>,
): Promise<Consuming> {
  const yaml = stringify({ name: 'trades', type: 'consumer', variety: variety.name, ...keys });
  const settings = variety.schema.parse(parse(yaml));
  const stageFolder = `${folder}/stage`;
  const replayable = holds(variety.replayable, settings);
  const stage = await openStage(stageFolder, { replayable, interval: 20 });
  const logs: LogRecord[] = [];
  const logger = { log: (record: LogRecord) => void logs.push(record) };
  let gaps = 0;
  const context = {
    name: 'trades',
    stage,
    logger,
    folder,
    onGap: () => void gaps++,
    replayable,
  };
  const consumer = await variety.create(settings, context);
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  return {
    consumer,
    stage,
    logs,
    gaps: () => gaps,
    run: () => consumer.run(stop.signal).finally(() => stage.close()),
    stop: () => stop.abort(),
    lines: () => readLines(stageFolder),
    batches: () => readSealed(stageFolder),
  };
}
