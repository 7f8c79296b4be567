import { runProgram } from './run-program.mjs';

/** @typedef {{ cwd: string, env?: NodeJS.ProcessEnv, signal: AbortSignal }} Where */

/**
 * @param {readonly string[]} args
 * @param {Where} where
 * @returns {Promise<string>} what it printed; rejects, with what it complained of, when it fails
 */
export async function npm(args, where) {
  const { code, stdout, stderr } = await runProgram('npm', args, where);
  if (code === 0) return stdout;
  throw new Error(`npm ${args[0]}: expected exit code 0, got ${code}\n${stdout}${stderr}`);
}

/**
 * Runs a command of an installed package; nothing is fetched.
 *
 * @param {readonly string[]} command
 * @param {Where} where
 */
export function npx(command, where) {
  return runProgram('npx', ['--no', '--', ...command], where);
}
