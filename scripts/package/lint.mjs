import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** What can be imported, and has types. */
const ENTRYPOINTS = ['.', './testing'];

/**
 * The package has ES modules only, so TypeScript cannot `require` it before Node can: 20.19 does, but `node16` does not
 * know that. And `node10` is of before there was `exports`.
 */
const NOT_SERVED = ['node16-cjs', 'node10'];

/**
 * @param {string} tarball
 * @returns {Promise<string[]>} what is wrong with the package's description, and what with its types
 */
export async function lintPacked(tarball) {
  const bytes = new Uint8Array(readFileSync(tarball));
  return [...(await descriptionProblems(bytes)), ...(await typeProblems(bytes))];
}

/** @param {Uint8Array} tarball */
async function descriptionProblems(tarball) {
  const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** @param {Uint8Array} tarball */
async function typeProblems(tarball) {
  const checked = await checkPackage(createPackageFromTarballData(tarball), { entrypoints: ENTRYPOINTS });
  if (!checked.types) return ['types: expected declarations in the package, there are none'];
  return checked.problems
    .filter(
      ({ resolutionKind, resolutionOption }) => !NOT_SERVED.includes(resolutionKind ?? resolutionOption),
    )
    .map((problem) => `types: ${JSON.stringify(problem)}`);
}
