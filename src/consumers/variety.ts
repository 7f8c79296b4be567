import { z } from 'zod';
import { batchConfigurationSetting, stageSetting } from '../stages/stage-settings.js';
import { decodeShape } from '../utils/rows/decode-settings.js';
import { nameSetting } from '../utils/settings.js';
import type { Consumer, ConsumerContext } from './consumer.js';

const TEXT_HAS_NONE = 'expected no such key with decode: text, whose messages are no JSON';

/** The keys that every consumer has. */
const headShape = {
  name: nameSetting().describe(
    'Name of the runner, unique in the pipeline; also of its stage and, unless `table` is given, its table.',
  ),
  type: z.literal('consumer').describe('What the runner does.'),
  variety: z.string().describe('Which kind of consumer.'),
} as const;

const tailShape = {
  stage: stageSetting.prefault({}),
  batch_configuration: batchConfigurationSetting.prefault({}),
  ...decodeShape,
} as const;

const commonObject = z.strictObject({ ...headShape, ...tailShape });

/** The settings that the engine needs of any consumer. */
export type ConsumerSettings = z.output<typeof commonObject>;

/** Something that holds of all runners of a variety, or of those with certain settings. */
export type BySettings = boolean | ((settings: ConsumerSettings) => boolean);

/** Whether it holds of a runner with these settings. */
export function holds(what: BySettings | undefined, settings: ConsumerSettings): boolean {
  return typeof what === 'function' ? what(settings) : what === true;
}

/** A consumer as a value: what the factory, the validation and the reference know of it. */
export interface ConsumerVariety {
  readonly type: 'consumer';
  readonly name: string;
  readonly summary: string;
  /** Validation, defaults and documentation of its entry in the configuration. */
  readonly schema: z.ZodType<ConsumerSettings> & { readonly shape: Readonly<Record<string, z.ZodType>> };
  /** Whether its source can be read again from a position; if not, gaps are recorded. */
  readonly replayable: BySettings;
  /** Whether its source ends, so that all of it is a set that can take the place of a table's rows. */
  readonly isFinite?: BySettings | undefined;
  /** Imports the class, in the thread that runs it, and constructs it. */
  readonly create: (settings: ConsumerSettings, context: ConsumerContext) => Promise<Consumer>;
}

/** The schema of a consumer variety: its own keys beside those that every consumer has. */
export function consumerSchema<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .strictObject({ ...headShape, ...shape, ...tailShape, ...shape })
    .superRefine((settings, context) => {
      const { decode, records, include, ignore } = settings as ConsumerSettings;
      if (decode !== 'text') return;
      const used = {
        records: records !== undefined,
        include: Object.keys(include).length > 0,
        ignore: ignore.length > 0,
      };
      for (const [key, isUsed] of Object.entries(used)) {
        if (isUsed) context.addIssue({ code: 'custom', path: [key], message: TEXT_HAS_NONE });
      }
    });
}
