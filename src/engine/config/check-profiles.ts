import { type Problem, ProblemsError } from '../../utils/document/problem.js';
import type { SourceDocument } from '../../utils/document/source-document.js';
import { SocketElError } from '../../utils/errors.js';
import type { CheckedRunner } from './check-runner.js';

/** Checks the profile of every producer that has one: that it is there, safe, and complete. */
export async function checkProfiles(
  document: SourceDocument,
  runners: readonly CheckedRunner[],
  profileFiles: readonly string[],
  onSecret: (secret: string) => void,
): Promise<readonly Problem[]> {
  const checks = runners.map((runner) => checkProfile(document, runner, profileFiles, onSecret));
  return (await Promise.all(checks)).flat();
}

async function checkProfile(
  document: SourceDocument,
  runner: CheckedRunner,
  profileFiles: readonly string[],
  onSecret: (secret: string) => void,
): Promise<readonly Problem[]> {
  const { variety, settings } = runner;
  if (variety?.type !== 'producer' || settings === undefined) return [];
  const { profile: name } = settings as { profile?: string };
  try {
    await variety.readProfile?.({ files: profileFiles, name, onSecret });
    return [];
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    if (!(error instanceof SocketElError)) throw error;
    const { code, message, hint } = error;
    return [document.problem([...runner.path, 'profile'], 'value', { code, message, hint })];
  }
}
