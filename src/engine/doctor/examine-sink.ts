import type { Producer, Source } from '../../producers/producer.js';
import type { Batch } from '../../stages/stage.js';
import { Counters } from '../../utils/counters.js';
import { SocketElError } from '../../utils/errors.js';
import type { Finding } from '../../utils/examination.js';
import type { Redactor } from '../../utils/redaction.js';
import type { ComponentBuilder } from '../component-builder.js';
import type { Pipeline } from '../pipeline.js';
import { errorFinding } from './error-finding.js';
import { gatherLog, type RunnerFindings } from './examine-source.js';
import { MemoryStage } from './memory-stage.js';

/** What looking at a sink needs. */
export interface SinkPlace {
  readonly builder: ComponentBuilder;
  readonly pipeline: Pipeline;
  readonly name: string;
  readonly profileFiles: readonly string[];
  readonly redactor: Redactor;
  /** The first messages of consumers, by name. */
  readonly samples: ReadonlyMap<string, Batch>;
}

/** Asks a sink whether what came of its sources could be loaded. Nothing is changed in it. */
export async function examineSink(place: SinkPlace): Promise<RunnerFindings> {
  const { builder, pipeline, name, profileFiles, redactor } = place;
  const onSecret = (secret: string) => redactor.add(secret);
  const shown = { messages: [], row: null };
  const { logger, logged } = gatherLog();
  const sources = builder.runner(name).dependsOn.map((consumer) => memorySource(builder, consumer));
  const context = { name, pipeline: pipeline.name, sources, logger, counters: new Counters() };
  try {
    const producer = await builder.producer(name, { ...context, profileFiles, onSecret });
    const samples = samplesOf(sources, place.samples);
    const { findings, facts } = await producer.examine(samples);
    const isBarred = findings.some(({ state }) => state === 'problem');
    const statements = isBarred ? [] : await wouldRun(producer, samples);
    return { ...shown, facts, findings: [...findings, ...statements, ...logged] };
  } catch (error) {
    return { ...shown, facts: {}, findings: [...logged, errorFinding(error)] };
  }
}

/** The statements that loading the samples would run first. */
async function wouldRun(
  producer: Producer,
  samples: ReadonlyMap<Source, Batch>,
): Promise<readonly Finding[]> {
  try {
    const lists: (readonly string[])[] = [];
    for (const [source, batch] of samples) lists.push(await producer.statementsFor(source, [batch]));
    const details = [...new Set(lists.flat())].flatMap((statement) => statement.split(/\n\s*/));
    return details.length === 0 ? [] : [{ state: 'ok', text: 'a run would execute first', details }];
  } catch (error) {
    const isSinkWithout = error instanceof SocketElError && error.code === 'usage.argument';
    return isSinkWithout ? [] : [errorFinding(error)];
  } finally {
    await producer.close();
  }
}

function memorySource(builder: ComponentBuilder, consumer: string): Source {
  const settings = builder.consumerSettings(consumer);
  const table = settings.table ?? consumer;
  return { consumer, stage: new MemoryStage(), decode: settings, table, endsWithSource: true };
}

function samplesOf(
  sources: readonly Source[],
  samples: ReadonlyMap<string, Batch>,
): ReadonlyMap<Source, Batch> {
  const pairs = sources.map((source) => [source, samples.get(source.consumer)] as const);
  return new Map(pairs.filter((pair): pair is readonly [Source, Batch] => pair[1] !== undefined));
}
