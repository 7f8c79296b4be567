import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { isMain } from './is-main.mjs';
import { ROOT } from './root.mjs';
import { runChild } from './run-child.mjs';

const SOURCES = join(ROOT, 'src');
const OUTPUTS = join(ROOT, 'dist');
/** As the compiler wants them, below the root. */
const KERNEL = { sources: ['assembly/copy-rows.ts', 'assembly/layout.ts'], output: 'dist/copy-rows.wasm' };
/** The options of the compiler are here. */
const THIS = 'scripts/build.mjs';
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
  if (!isUpToDate(KERNEL.output, [...KERNEL.sources, THIS])) await buildKernel();
}

/** WebAssembly that is given its memory, of at most 4 GiB. */
async function buildKernel() {
  const { main } = await import('assemblyscript/asc');
  const { sources, output } = KERNEL;
  const memory = ['--importMemory', '--sharedMemory', '--initialMemory', '8', '--maximumMemory', '65536'];
  const features = ['--enable', 'simd', '--enable', 'threads'];
  const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', ...features, ...memory];
  const { error, stderr } = await main([sources[0], '--baseDir', ROOT, '--outFile', output, ...options]);
  if (error !== null) throw new Error(`the build failed (asc: ${error.message})\n${stderr}`);
}

/**
 * @param {string} output
 * @param {readonly string[]} sources
 */
function isUpToDate(output, sources) {
  const made = join(ROOT, output);
  if (!existsSync(made)) return false;
  const { mtimeMs } = statSync(made);
  return sources.every((source) => statSync(join(ROOT, source)).mtimeMs <= mtimeMs);
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
