import { ComponentBuilder } from '../engine/component-builder.js';
import type { Pipeline } from '../engine/pipeline.js';
import type { ProgressMeter } from '../engine/progress/progress-meter.js';
import { StageWatches } from '../engine/progress/stage-watches.js';
import { watchProgress } from '../engine/progress/watch-progress.js';
import type { RunSummary } from '../engine/summary.js';
import { Supervisor } from '../engine/supervisor.js';
import type { LogFormat, Logger } from '../utils/logger.js';
import type { MetricsAddress } from './metrics/metrics-address.js';
import type { RunDisplay } from './run-display.js';
import { listenForSignals } from './signals.js';

/** The options of `run`. */
export interface RunFlags {
  readonly only?: readonly string[];
  readonly profileFile?: readonly string[];
  readonly for?: number;
  readonly maxMessages?: number;
  readonly json?: boolean;
  readonly logFormat: LogFormat;
  readonly progress: boolean;
  readonly grace: number;
  readonly metrics?: MetricsAddress;
  readonly staleAfter: number;
}

/** What a run is given beside its pipeline and options. */
export interface RunSurroundings {
  readonly logger: Logger;
  readonly profileFiles: readonly string[];
  readonly display: RunDisplay;
}

/** Runs a pipeline while signals are heard, and while its progress is shown and served as asked. */
export async function watchedRun(
  pipeline: Pipeline,
  flags: RunFlags,
  { logger, profileFiles, display }: RunSurroundings,
): Promise<RunSummary> {
  const watches = new StageWatches(pipeline, await ComponentBuilder.load(pipeline));
  const supervisor = new Supervisor(pipeline, {
    logger,
    profileFiles,
    watches,
    only: flags.only ?? [],
    maxMessages: flags.maxMessages,
    durationMs: flags.for,
    graceMs: flags.grace,
  });
  const progress = watchProgress(supervisor.handles, watches);
  const closers = [() => watches.close(), () => display.stop(), () => progress.stop()];
  try {
    closers.push(await serveMetrics(pipeline.name, progress.meter, { flags, logger }));
    closers.push(listenForSignals(supervisor, logger));
    display.start(progress.meter, { pipeline, logger });
    return await supervisor.run();
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** @returns how to stop */
async function serveMetrics(
  pipeline: string,
  meter: ProgressMeter,
  { flags, logger }: { readonly flags: RunFlags; readonly logger: Logger },
): Promise<() => Promise<void>> {
  const { metrics, staleAfter: staleAfterMs } = flags;
  if (metrics === undefined) return async () => {};
  const { MetricsServer } = await import('./metrics/metrics-server.js');
  const { livenessOf, readinessOf } = await import('./metrics/health.js');
  const { createRegistry } = await import('./metrics/run-metrics.js');
  const startedMs = performance.now();
  const question = () => ({
    runners: meter.sample(),
    runningMs: performance.now() - startedMs,
    staleAfterMs,
  });
  const server = await MetricsServer.open(metrics, {
    registry: createRegistry(pipeline, () => meter.sample()),
    liveness: () => livenessOf(question()),
    readiness: () => readinessOf(question()),
  });
  logger.log({ level: 'info', message: `metrics at ${server.url}/metrics, health at /healthz and /readyz` });
  return () => server.close();
}
