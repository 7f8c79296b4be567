import { constants } from 'node:os';
import { readVersion } from './version.js';

/** The command line's entry; sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.length === 3 && (argv[2] === '--version' || argv[2] === '-V')) {
    process.stdout.write(`${readVersion()}\n`);
    return;
  }
  process.stdout.on('error', endWithoutReader);
  const { createProgram } = await import('./program.js');
  const { reportError } = await import('./report-error.js');
  try {
    await createProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

/** As a signal SIGPIPE would: who reads us, such as `head`, has seen enough. */
function endWithoutReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(128 + (constants.signals.SIGPIPE ?? 13));
}
