import type { Command } from 'commander';
import { gatherOption } from './option-values.js';

interface ValidateFlags {
  readonly profileFile?: readonly string[];
}

/** `socket-el validate CONFIG` */
export function addValidate(program: Command): void {
  program
    .command('validate')
    .description('Checks a configuration and its profiles as a whole, without connecting to anything.')
    .argument('<config>', 'configuration file')
    .option('--profile-file <file>', 'profile file; may be given several times, later ones win', gatherOption)
    .action(validate);
}

async function validate(config: string, flags: ValidateFlags): Promise<void> {
  const { loadPipeline } = await import('../engine/config/load-pipeline.js');
  const { findProfileFiles, profileWarnings } = await import('../utils/profile.js');
  const profileFiles = findProfileFiles(flags.profileFile ?? []);
  const { pipeline } = await loadPipeline(config, { profileFiles });
  for (const message of profileWarnings(profileFiles)) process.stderr.write(`warn: ${message}\n`);
  const runners = pipeline.runners.map(({ name, type, variety }) => `  ${name}: ${type}, ${variety}`);
  process.stdout.write(
    `${config}: pipeline ${pipeline.name}, ${runners.length} runners, no problems\n${runners.join('\n')}\n`,
  );
}
