import type { z } from 'zod';
import type { Consumer, ConsumerContext } from '../consumers/consumer.js';
import { type ConsumerSettings, type ConsumerVariety, consumerSchema } from '../consumers/variety.js';
import type { Producer, ProducerContext } from '../producers/producer.js';
import { type ProducerSettings, type ProducerVariety, producerSchema } from '../producers/variety.js';

/** A consumer variety as its author writes it down. */
export interface ConsumerDefinition<Shape extends z.ZodRawShape>
  extends Pick<ConsumerVariety, 'type' | 'name' | 'summary' | 'isFinite'> {
  /** Its own keys, beside those that every consumer has. */
  readonly settings: Shape;
  /** Whether its source can be read again from a position; false unless given, and then gaps are recorded. */
  readonly replayable?: boolean;
  readonly create: (
    settings: ConsumerSettings & z.output<z.ZodObject<Shape>>,
    context: ConsumerContext,
  ) => Consumer | Promise<Consumer>;
}

/** A producer variety as its author writes it down. */
export interface ProducerDefinition<Shape extends z.ZodRawShape>
  extends Pick<ProducerVariety, 'type' | 'name' | 'summary' | 'readProfile' | 'targetsOf'> {
  /** Its own keys, beside those that every producer has. */
  readonly settings: Shape;
  readonly create: (
    settings: ProducerSettings & z.output<z.ZodObject<Shape>>,
    context: ProducerContext,
  ) => Producer | Promise<Producer>;
}

/** Makes a variety, for the list `varieties` that a plug-in exports. */
export function defineVariety<Shape extends z.ZodRawShape>(
  definition: ConsumerDefinition<Shape>,
): ConsumerVariety;
export function defineVariety<Shape extends z.ZodRawShape>(
  definition: ProducerDefinition<Shape>,
): ProducerVariety;
export function defineVariety<Shape extends z.ZodRawShape>(
  definition: ConsumerDefinition<Shape> | ProducerDefinition<Shape>,
): ConsumerVariety | ProducerVariety {
  if (definition.type === 'consumer') {
    const { settings, create, replayable = false, ...rest } = definition;
    const schema = consumerSchema(settings) as unknown as ConsumerVariety['schema'];
    return {
      ...rest,
      replayable,
      schema,
      create: async (own: ConsumerSettings, context: ConsumerContext) => create(own as never, context),
    };
  }
  const { settings, create, ...rest } = definition;
  const schema = producerSchema(settings) as unknown as ProducerVariety['schema'];
  return {
    ...rest,
    schema,
    create: async (own: ProducerSettings, context: ProducerContext) => create(own as never, context),
  };
}
