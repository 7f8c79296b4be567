import { readVersion } from './version.js';

/** The command line's entry; sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.length === 3 && (argv[2] === '--version' || argv[2] === '-V')) {
    process.stdout.write(`${readVersion()}\n`);
    return;
  }
  const { createProgram } = await import('./program.js');
  const { reportError } = await import('./report-error.js');
  try {
    await createProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = reportError(error);
  }
}
