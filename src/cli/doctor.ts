import { type Command, Option } from 'commander';
import { EXIT_CODE } from '../engine/exit-code.js';
import { assertKnown } from './assert-known.js';
import { doctorLines } from './doctor-lines.js';
import { durationOption, gatherOption } from './option-values.js';
import { printResult } from './print-table.js';
import { reportError } from './report-error.js';

interface DoctorFlags {
  readonly only?: readonly string[];
  readonly profileFile?: readonly string[];
  readonly wait: number;
  readonly json?: boolean;
}

/** A component that does not give up its connections must not keep the process. */
const LINGER_MS = 1000;

/** `socket-el doctor CONFIG` */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'Connects to sources and sinks, shows the first row, and says what stands in the way of a run. Changes nothing.',
    )
    .argument('<config>', 'configuration file')
    .option('--only <names...>', 'look only at these runners')
    .option('--profile-file <file>', 'profile file; may be given several times, later ones win', gatherOption)
    .addOption(
      new Option('--wait <duration>', 'wait so long for the first row of each source')
        .argParser(durationOption)
        .default(10_000, '10s'),
    )
    .option('--json', 'print one JSON document')
    .action(doctor);
}

async function doctor(config: string, flags: DoctorFlags): Promise<void> {
  const { loadPipeline } = await import('../engine/config/load-pipeline.js');
  const { examinePipeline } = await import('../engine/doctor/examine-pipeline.js');
  const { findProfileFiles, profileWarnings } = await import('../utils/profile.js');
  const { Redactor } = await import('../utils/redaction.js');
  const redactor = new Redactor();
  try {
    const only = flags.only ?? [];
    const profileFiles = findProfileFiles(flags.profileFile ?? []);
    const { pipeline, secrets } = await loadPipeline(config, { profileFiles, only });
    for (const secret of secrets) redactor.add(secret);
    assertKnown(only, pipeline);
    for (const message of profileWarnings(profileFiles)) process.stderr.write(`warn: ${message}\n`);
    const options = { config, only, waitMs: flags.wait, profileFiles, redactor };
    const report = await examinePipeline(pipeline, options);
    printResult(flags.json, report, doctorLines(report));
    process.exitCode = report.ok ? EXIT_CODE.done : EXIT_CODE.environment;
  } catch (error) {
    process.exitCode = reportError(error, (text) => redactor.text(text));
  }
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
