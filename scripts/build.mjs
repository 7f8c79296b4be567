import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { isMain } from './is-main.mjs';
import { ROOT } from './root.mjs';
import { runChild } from './run-child.mjs';

const SOURCES = join(ROOT, 'src');
const OUTPUTS = join(ROOT, 'dist');
/** As the compiler wants them, below the root. */
const KERNEL = { source: 'assembly/copy-rows.ts', output: 'dist/copy-rows.wasm' };
const BUILD_INFO = join(ROOT, '.tsbuildinfo');

/**
 * Compiles `src` and `assembly` to `dist`, only what changed since the last time; installs first where that is needed.
 *
 * @returns {Promise<void>} rejects when there are type errors, which the compiler has printed
 */
export async function build() {
  ensureInstalled();
  if (!isContinuation()) clean();
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const exitCode = await runChild(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: ROOT });
  if (exitCode !== 0) throw new Error(`the build failed (tsc: ${exitCode})`);
  if (!isUpToDate(KERNEL.output, KERNEL.source)) await buildKernel();
}

/** WebAssembly, of a fixed memory: 2 MiB. */
async function buildKernel() {
  const { main } = await import('assemblyscript/asc');
  const { source, output } = KERNEL;
  const memory = ['--initialMemory', '32', '--maximumMemory', '32'];
  const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd', ...memory];
  const { error, stderr } = await main([source, '--baseDir', ROOT, '--outFile', output, ...options]);
  if (error !== null) throw new Error(`the build failed (asc: ${error.message})\n${stderr}`);
}

/**
 * @param {string} output
 * @param {string} source
 */
function isUpToDate(output, source) {
  const [made, of] = [join(ROOT, output), join(ROOT, source)];
  return existsSync(made) && statSync(made).mtimeMs >= statSync(of).mtimeMs;
}

/** The compiler neither deletes what a deleted source left, nor restores an output that is missing. */
function isContinuation() {
  const sources = modulesIn(SOURCES, '.ts');
  const outputs = modulesIn(OUTPUTS, '.js');
  return outputs.every((name) => sources.includes(name)) && outputs.length > 0 === existsSync(BUILD_INFO);
}

function clean() {
  rmSync(OUTPUTS, { recursive: true, force: true });
  rmSync(BUILD_INFO, { force: true });
}

/**
 * @param {string} folder
 * @param {string} extension
 */
function modulesIn(folder, extension) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith(extension)).map((file) => file.slice(0, -extension.length));
}

if (isMain(import.meta.url)) await build();
