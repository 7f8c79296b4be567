import { resolve } from 'node:path';
import type { Consumer, ConsumerContext } from '../consumers/consumer.js';
import { type ConsumerSettings, type ConsumerVariety, holds } from '../consumers/variety.js';
import type { Producer, ProducerContext } from '../producers/producer.js';
import type { ProducerSettings, ProducerVariety } from '../producers/variety.js';
import { batchConfiguration, createStage } from '../stages/index.js';
import type { Stage, StageContext } from '../stages/stage.js';
import { interpolate } from '../utils/document/interpolate.js';
import { Factory, type Variety } from './factory.js';
import type { Pipeline, Runner } from './pipeline.js';

/** Builds the components of a pipeline that was validated, in the thread that uses them. */
export class ComponentBuilder {
  readonly #pipeline: Pipeline;
  readonly #factory: Factory;

  private constructor(pipeline: Pipeline, factory: Factory) {
    this.#pipeline = pipeline;
    this.#factory = factory;
  }

  /** Imports the pipeline's plug-ins into this thread. */
  static async load(pipeline: Pipeline): Promise<ComponentBuilder> {
    return new ComponentBuilder(pipeline, await Factory.load(pipeline.plugins));
  }

  /** The runner of that name. */
  runner(name: string): Runner {
    const runner = this.#pipeline.runners.find((candidate) => candidate.name === name);
    if (runner === undefined) throw new TypeError(`expected a runner named ${name}`);
    return runner;
  }

  /** A consumer's settings: references resolved, defaults filled in. */
  consumerSettings(name: string): ConsumerSettings {
    return this.#settings(this.runner(name)) as ConsumerSettings;
  }

  /** Whether a consumer's source can be read again from a position. */
  isReplayable(name: string): boolean {
    const { replayable } = this.#variety(this.runner(name)) as ConsumerVariety;
    return holds(replayable, this.consumerSettings(name));
  }

  consumer(name: string, context: ConsumerContext): Promise<Consumer> {
    const runner = this.runner(name);
    return (this.#variety(runner) as ConsumerVariety).create(this.consumerSettings(name), context);
  }

  producer(name: string, context: Omit<ProducerContext, 'folder'>): Promise<Producer> {
    const runner = this.runner(name);
    const settings = this.#settings(runner) as ProducerSettings;
    const { folder } = this.#pipeline;
    return (this.#variety(runner) as ProducerVariety).create(settings, { ...context, folder });
  }

  /** The absolute folder that the `path` of a consumer's stage stands for. */
  stageRoot(consumer: string): string {
    return resolve(this.#pipeline.folder, this.consumerSettings(consumer).stage.path);
  }

  /** Whether a consumer's batches are whole sets, because a producer replaces a table by them. */
  isOfSets(consumer: string): boolean {
    return this.dependents(consumer).some((name) => this.#replaces(name, consumer));
  }

  /** Names of the producers that load a consumer's stage. */
  dependents(consumer: string): readonly string[] {
    const dependents = this.#pipeline.runners.filter(({ dependsOn }) => dependsOn.includes(consumer));
    return dependents.map(({ name }) => name);
  }

  /** The stage of a consumer, for its writer or for a reader. */
  stage(
    consumer: string,
    context: Pick<StageContext, 'logger' | 'onAccepted' | 'onSealed' | 'onFailed' | 'convert'>,
  ): Stage {
    const settings = this.consumerSettings(consumer);
    const { stage, batch_configuration } = settings;
    return createStage(this.stageRoot(consumer), stage, {
      ...context,
      pipeline: this.#pipeline.name,
      consumer,
      batch: batchConfiguration(stage, batch_configuration),
      decode: settings,
      dependents: this.dependents(consumer),
      replayable: this.isReplayable(consumer),
      isOfSets: this.isOfSets(consumer),
    });
  }

  #replaces(producer: string, consumer: string): boolean {
    const runner = this.runner(producer);
    const variety = this.#variety(runner) as ProducerVariety;
    const targets = variety.targetsOf?.(this.#settings(runner) as ProducerSettings, {
      name: consumer,
      table: this.consumerSettings(consumer).table ?? consumer,
    });
    return targets?.some(({ isReplaced }) => isReplaced) === true;
  }

  #settings(runner: Runner): unknown {
    const { value } = interpolate(runner.entry, { env: process.env, folder: this.#pipeline.folder });
    return this.#variety(runner).schema.parse(value);
  }

  #variety(runner: Runner): Variety {
    const variety = this.#factory.find(runner.type, runner.variety);
    if (variety === undefined)
      throw new TypeError(`${runner.name}: expected a known variety, got ${runner.variety}`);
    return variety;
  }
}
