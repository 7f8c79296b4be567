import type { CliProcess } from '../support/cli.js';
import { createPipelineBench, type PipelineBench } from '../support/pipeline-bench.js';

type Files = Readonly<Record<string, string>>;

/** A pipeline of a consumer `trades` with these settings, whose rows the console prints. */
export function createPrintingBench(settings: object, files: Files = {}): Promise<PipelineBench> {
  return createPipelineBench({
    config: {
      runners: [
        { name: 'trades', type: 'consumer', ...settings },
        { name: 'screen', type: 'producer', variety: 'console', depends_on: ['trades'] },
      ],
    },
    files,
  });
}

/** Starts the run of a pipeline whose source does not end. */
export function startRun(bench: PipelineBench, ...args: string[]): CliProcess {
  return bench.start('run', 'config.yml', '--no-progress', ...args);
}

/** The rows that a run printed until now. */
export function printedRows({ stdout }: CliProcess): readonly Record<string, unknown>[] {
  const lines = stdout.split('\n').slice(0, -1);
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}
