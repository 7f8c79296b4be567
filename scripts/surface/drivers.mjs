import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { ROOT } from '../root.mjs';

/**
 * A test that drives an entry: a call `drives(entry, effect, …)`.
 *
 * @typedef {object} Driver
 * @property {string} entry
 * @property {string} effect
 * @property {string} file relative to the project
 * @property {number} line from 1
 */

/** @returns {Driver[]} those of all test files, in the order of the files */
export function findDrivers() {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' });
  const tests = files.filter((file) => file.endsWith('.test.ts')).sort();
  return tests.flatMap((file) => driversIn(join('test', file)));
}

/** @param {string} file */
function driversIn(file) {
  const code = readFileSync(join(ROOT, file), 'utf8');
  if (!code.includes('drives(')) return [];
  const { program } = parseSync(file, code);
  return callsIn(program).map(({ start, arguments: args }) => {
    const line = code.slice(0, start).split('\n').length;
    const [entry, effect] = args.slice(0, 2).map((argument) => argument?.value);
    if (typeof entry !== 'string' || typeof effect !== 'string')
      throw new Error(`${file}:${line}: expected drives('entry', 'effect', …) with both written out`);
    return { entry, effect, file, line };
  });
}

function callsIn(node) {
  if (node === null || typeof node !== 'object') return [];
  const below = (Array.isArray(node) ? node : Object.values(node)).flatMap(callsIn);
  return node.type === 'CallExpression' && node.callee.name === 'drives' ? [node, ...below] : below;
}
