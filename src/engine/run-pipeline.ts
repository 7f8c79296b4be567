import { resolve } from 'node:path';
import { type Logger, redactedRecord } from '../utils/logger.js';
import { findProfileFiles } from '../utils/profile.js';
import { Redactor } from '../utils/redaction.js';
import { ComponentBuilder } from './component-builder.js';
import { loadPipeline, parsePipeline } from './config/load-pipeline.js';
import { StageWatches } from './progress/stage-watches.js';
import type { RunSummary } from './summary.js';
import { Supervisor } from './supervisor.js';

const GRACE_MS = 30_000;

/** A configuration as plain data, with the keys that the file has. */
export interface PipelineConfig {
  readonly name?: string;
  readonly plugins?: readonly string[];
  readonly defaults?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly runners: readonly Readonly<Record<string, unknown>>[];
}

/** How `runPipeline` runs. */
export interface RunPipelineOptions {
  /** What relative paths of a configuration that is no file are relative to; the working folder unless given. */
  readonly folder?: string;
  /** Profile files; those that the command line finds unless given. */
  readonly profileFiles?: readonly string[];
  /** Names of the runners to run; all unless given. */
  readonly only?: readonly string[];
  /** Ends each consumer once it has so many messages. */
  readonly maxMessages?: number;
  /** Stops the sources after so many milliseconds. */
  readonly durationMs?: number;
  /** After a stop, so many milliseconds may what is staged be loaded; 30 s unless given. */
  readonly graceMs?: number;
  /** Aborted, it stops the sources, loads what is staged, and ends the run, as a first SIGINT does. */
  readonly signal?: AbortSignal;
  /** Takes the events; nobody unless given. Secrets in them are masked. */
  readonly logger?: Logger;
}

/**
 * Runs a pipeline in this process, a thread a runner, and resolves when it has ended: with `status: 'failed'` in the
 * summary when a runner failed.
 *
 * @param config path of a configuration file, or the same as plain data
 * @throws ProblemsError when the configuration has problems
 */
export async function runPipeline(
  config: string | PipelineConfig,
  options: RunPipelineOptions = {},
): Promise<RunSummary> {
  const { only = [], graceMs = GRACE_MS, maxMessages, durationMs, signal } = options;
  const profileFiles = findProfileFiles(options.profileFiles ?? []);
  const { pipeline, secrets } =
    typeof config === 'string'
      ? await loadPipeline(config, { profileFiles, only })
      : await parsePipeline(config, resolve(options.folder ?? '.'), { profileFiles, only });
  const watches = new StageWatches(pipeline, await ComponentBuilder.load(pipeline));
  const logger = maskingLogger(options.logger, secrets);
  const supervisor = new Supervisor(pipeline, {
    logger,
    profileFiles,
    only,
    maxMessages,
    durationMs,
    graceMs,
    watches,
  });
  const stop = () => supervisor.stop('signal');
  signal?.addEventListener('abort', stop);
  try {
    if (signal?.aborted) stop();
    return await supervisor.run();
  } finally {
    signal?.removeEventListener('abort', stop);
    await watches.close();
  }
}

function maskingLogger(logger: Logger | undefined, secrets: readonly string[]): Logger {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return { log: (record) => logger?.log(redactedRecord(record, redactor)) };
}
