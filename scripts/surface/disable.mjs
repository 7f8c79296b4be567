import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.mjs';

/** Where a disabled entry takes effect: what the built file has, and what stands there instead. */
const CHANGES = [
  {
    file: 'dist/utils/document/yaml-document.js',
    from: 'this.value = this.#toPlain();',
    to: 'this.value = withoutKey(this.#toPlain());',
    before: "import { withoutKey } from '../../disabled.js';\n",
  },
  {
    file: 'dist/cli/program.js',
    from: 'return program;',
    to: 'return withoutVerbOrFlag(program);',
    before: "import { withoutVerbOrFlag } from '../disabled.js';\n",
  },
  {
    file: 'dist/cli/main.js',
    from: 'export async function main(argv) {',
    to: 'export async function main(given) { const argv = begin(given);',
    before: "import { begin } from '../disabled.js';\n",
  },
];

/**
 * Makes a copy of the built command in which one entry does nothing; one of the kind `none` leaves it as it is.
 *
 * @param {import('./entries.mjs').Entry} entry
 * @param {string} folder to be made
 * @returns {{ bin: string, touchedFile: string }} `touchedFile` is there once the copy would have used the entry
 */
export function disable(entry, folder) {
  const touchedFile = join(folder, 'touched');
  mkdirSync(folder);
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  for (const name of ['node_modules', 'docs', 'examples']) symlinkSync(join(ROOT, name), join(folder, name));
  cpSync(join(ROOT, 'scripts/surface/disabled.mjs'), join(folder, 'dist/disabled.js'));
  writeFileSync(join(folder, 'dist/disabled.json'), JSON.stringify({ entry, touchedFile }));
  for (const change of CHANGES) apply(change, folder);
  return { bin: join(folder, 'bin/socket-el.js'), touchedFile };
}

function apply({ file, from, to, before }, folder) {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2)
    throw new Error(`${file}: expected "${from}" once; see scripts/surface/disable.mjs`);
  writeFileSync(path, before + text.replace(from, to));
}
