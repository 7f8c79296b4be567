import type { RunnerType } from './factory.js';

/** One entry of `runners:`, checked. Plain data without secrets: references stand in `entry` as they were written. */
export interface Runner {
  readonly name: string;
  readonly type: RunnerType;
  readonly variety: string;
  /** For a producer, the consumers whose stages it loads. */
  readonly dependsOn: readonly string[];
  readonly entry: Readonly<Record<string, unknown>>;
  /** Where each of its keys stands in the configuration, as `file:line`; the runner itself under the empty text. */
  readonly places: Readonly<Record<string, string>>;
}

/** The validated graph of runners of one configuration. Plain data: it can cross a thread. */
export interface Pipeline {
  readonly name: string;
  /** The configuration's folder, which relative paths in it are relative to. */
  readonly folder: string;
  /** Absolute paths of the plug-ins, which every thread imports for itself. */
  readonly plugins: readonly string[];
  readonly runners: readonly Runner[];
}
