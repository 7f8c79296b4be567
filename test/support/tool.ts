import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a program to its end and gives what it printed. @returns rejects, with what it printed, when it fails */
export async function runTool(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const { stdout, stderr } = await run(command, [...args], { ...options, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}
