import { z } from 'zod';
import type { ProfileRequest } from '../utils/profile.js';
import type { TableRoute } from '../utils/rows/table-setting.js';
import { nameSetting } from '../utils/settings.js';
import type { Producer, ProducerContext } from './producer.js';

/** The keys that every producer has. */
const commonShape = {
  name: nameSetting().describe(
    'Name of the runner, unique in the pipeline; also of its cursor in each stage, so another name loads everything that is staged again.',
  ),
  type: z.literal('producer').describe('What the runner does.'),
  variety: z.string().describe('Which kind of producer.'),
  depends_on: z.array(z.string()).min(1).describe('Names of the consumers whose stages it loads.'),
} as const;

const commonObject = z.strictObject(commonShape);

/** The settings that the engine needs of any producer. */
export type ProducerSettings = z.output<typeof commonObject> & { readonly profile?: string | undefined };

/** What a consumer says of its rows' table. */
export interface SourceTable {
  readonly name: string;
  readonly table: string | TableRoute;
}

/** A table that rows go to. */
export interface Target {
  /** The profile and the table, as one text. */
  readonly place: string;
  /** Whether each batch takes the place of the table's rows. */
  readonly isReplaced: boolean;
}

/** A producer as a value: what the factory, the validation and the reference know of it. */
export interface ProducerVariety {
  readonly type: 'producer';
  readonly name: string;
  readonly summary: string;
  /** Validation, defaults and documentation of its entry in the configuration. */
  readonly schema: z.ZodType<ProducerSettings> & { readonly shape: Readonly<Record<string, z.ZodType>> };
  /** Reads and checks the entry that its `profile` names; absent when it needs none. Connects to nothing. */
  readonly readProfile?: ((request: ProfileRequest) => Promise<unknown>) | undefined;
  /** The tables that a consumer's rows go to; absent when the producer has none. */
  readonly targetsOf?: ((settings: ProducerSettings, source: SourceTable) => readonly Target[]) | undefined;
  /** Imports the class, in the thread that runs it, and constructs it. */
  readonly create: (settings: ProducerSettings, context: ProducerContext) => Promise<Producer>;
}

/** The schema of a producer variety: its own keys beside those that every producer has. */
export function producerSchema<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({ ...commonShape, ...shape });
}
