import type { ConsumerSettings } from '../consumers/variety.js';
import type { ProducerSettings } from '../producers/variety.js';
import { interpolate } from '../utils/document/interpolate.js';
import { findVariety, type RunnerType, type Variety } from './factory.js';

/** One entry of `runners:`, checked. Plain data without secrets: references stand in `entry` as they were written. */
export interface Runner {
  readonly name: string;
  readonly type: RunnerType;
  readonly variety: string;
  /** For a producer, the consumers whose stages it loads. */
  readonly dependsOn: readonly string[];
  readonly entry: Readonly<Record<string, unknown>>;
}

/** The validated graph of runners of one configuration. Plain data: it can cross a thread. */
export interface Pipeline {
  readonly name: string;
  /** The configuration's folder, which relative paths in it are relative to. */
  readonly folder: string;
  readonly runners: readonly Runner[];
}

/** A consumer's settings as its thread needs them: references resolved, defaults filled in. */
export function consumerSettings(runner: Runner, folder: string): ConsumerSettings {
  return parseEntry(runner, folder) as ConsumerSettings;
}

/** A producer's settings as its thread needs them. */
export function producerSettings(runner: Runner, folder: string): ProducerSettings {
  return parseEntry(runner, folder) as ProducerSettings;
}

/** The variety of a runner that was validated. */
export function varietyOf(runner: Runner): Variety {
  const variety = findVariety(runner.type, runner.variety);
  if (variety === undefined) throw new TypeError(`${runner.name}: expected a known variety, got ${runner.variety}`);
  return variety;
}

function parseEntry(runner: Runner, folder: string): unknown {
  const { value } = interpolate(runner.entry, { env: process.env, folder });
  return varietyOf(runner).schema.parse(value);
}
