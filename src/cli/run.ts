import { type Command, Option } from 'commander';
import { loadPipeline } from '../engine/config/load-pipeline.js';
import { EXIT_CODE, exitCodeOf } from '../engine/exit-code.js';
import type { Pipeline, Runner } from '../engine/pipeline.js';
import type { RunSummary } from '../engine/summary.js';
import { createLogger, type Logger } from '../utils/logger.js';
import { findProfileFiles, profileWarnings } from '../utils/profile.js';
import { Redactor } from '../utils/redaction.js';
import { assertKnown } from './assert-known.js';
import { metricsOption } from './metrics/metrics-address.js';
import { durationOption, gatherOption, wholeNumberOption } from './option-values.js';
import { reportError } from './report-error.js';
import { RunDisplay } from './run-display.js';
import { summaryLines } from './summary-lines.js';
import { type RunFlags, watchedRun } from './watched-run.js';

/** `socket-el run CONFIG` */
export function addRun(program: Command): void {
  program
    .command('run')
    .description('Runs the pipeline of a configuration until its sources end or a signal comes.')
    .argument('<config>', 'configuration file')
    .option('--only <names...>', 'run only these runners; the others may run in another process')
    .option('--profile-file <file>', 'profile file; may be given several times, later ones win', gatherOption)
    .option('--for <duration>', 'stop the sources after so long, load what is staged, end', durationOption)
    .option('--max-messages <count>', 'end each consumer once it has so many messages', wholeNumberOption(1))
    .option('--json', 'print the summary as one JSON object on standard output')
    .addOption(
      new Option('--log-format <format>', 'form of the log on standard error')
        .choices(['text', 'json'])
        .default('text'),
    )
    .option('--no-progress', 'neither the live lines of a terminal nor those of a log')
    .addOption(
      new Option('--grace <duration>', 'after a stop, so long may what is staged be loaded')
        .argParser(durationOption)
        .default(30_000, '30s'),
    )
    .option(
      '--metrics <host:port>',
      'serve /metrics for Prometheus, /healthz and /readyz there while it runs',
      metricsOption,
    )
    .addOption(
      new Option(
        '--stale-after <duration>',
        '/healthz and /readyz are red when nothing flows for so long; 0s: never',
      )
        .argParser(durationOption)
        .default(60_000, '60s'),
    )
    .action(run);
}

async function run(config: string, flags: RunFlags): Promise<void> {
  const redactor = new Redactor();
  const display = new RunDisplay(flags);
  const logger = createLogger({
    format: flags.logFormat,
    redactor,
    write: (line) => display.print(line),
  });
  try {
    const profileFiles = findProfileFiles(flags.profileFile ?? []);
    const only = flags.only ?? [];
    const { pipeline, secrets } = await loadPipeline(config, { profileFiles, only });
    for (const secret of secrets) redactor.add(secret);
    assertKnown(only, pipeline);
    for (const message of profileWarnings(profileFiles)) logger.log({ level: 'warn', message });
    logger.log({ level: 'info', message: startLine(pipeline, only) });
    const summary = await watchedRun(pipeline, flags, { logger, profileFiles, display });
    print(summary, flags, logger);
    process.exitCode = exitCode(summary);
  } catch (error) {
    process.exitCode = reportError(error, (text) => redactor.text(text));
  }
}

/** What runs, and which producer loads what. */
function startLine({ name, folder, runners }: Pipeline, only: readonly string[]): string {
  const isSelected = (runner: Runner) => only.length === 0 || only.includes(runner.name);
  const parts = runners
    .filter(isSelected)
    .map((runner) =>
      runner.dependsOn.length === 0 ? runner.name : `${runner.dependsOn.join(', ')} → ${runner.name}`,
    );
  return `pipeline ${name} in ${folder}: ${parts.join('; ')}`;
}

function print(summary: RunSummary, flags: RunFlags, logger: Logger): void {
  if (flags.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  for (const message of summaryLines(summary)) logger.log({ level: 'info', message });
}

function exitCode(summary: RunSummary): number {
  if (summary.status !== 'failed') return EXIT_CODE.done;
  const codes = summary.runners.flatMap(({ error }) => (error === undefined ? [] : [exitCodeOf(error.code)]));
  return Math.max(EXIT_CODE.failed, ...codes);
}
