import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.mjs';
import { runProgram } from './run-program.mjs';

const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc');

const IMPORTS = `import { Consumer, defineVariety, Producer, runPipeline, Stage } from 'socket-el';
import { consumerContract } from 'socket-el/testing';

export const used = [Consumer, defineVariety, Producer, runPipeline, Stage, consumerContract];
`;

const OPTIONS = {
  target: 'es2023',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  skipLibCheck: false,
  noEmit: true,
};

/**
 * Compiles code that uses the installed package: the imports of its documentation, and what the tests say of its types.
 *
 * @param {{ project: string, env: NodeJS.ProcessEnv, signal: AbortSignal }} where
 * @returns {Promise<string[]>} what the compiler complains of
 */
export async function compileTypes({ project, ...options }) {
  const cwd = join(project, 'types');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'imports.ts'), IMPORTS);
  copyFileSync(join(ROOT, 'test/library/types.ts'), join(cwd, 'library.ts'));
  const files = ['imports.ts', 'library.ts'];
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS, files }));
  const { code, stdout } = await runProgram(process.execPath, [COMPILER, '-p', '.'], { ...options, cwd });
  return code === 0 ? [] : [`types: expected the compiler to end with 0, got ${code}\n${stdout}`];
}
