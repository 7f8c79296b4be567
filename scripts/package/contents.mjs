import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** What stands at the top of the package, all of it. */
const TOP = [
  'CHANGELOG.md',
  'LICENSE',
  'NOTICE',
  'README.md',
  'bin',
  'config.example.yml',
  'dist',
  'docs',
  'examples',
  'package.json',
  'profiles.example.yml',
];

/** What stands below it. Source maps are not among it: they would lead to sources that are not there. */
const BELOW = [
  /^bin\/socket-el\.js$/,
  /^dist\/.+\.(js|d\.ts|wasm)$/,
  /^docs\/reference\/config\.schema\.json$/,
  /^examples\/feeds\/(fixtures\/)?[^/]+$/,
];

/**
 * @param {readonly string[]} files of a package, below its folder, with `/`
 * @returns {string[]} what is missing and what is too much, a sentence each
 */
export function contentProblems(files) {
  const tops = new Set(files.map((file) => file.split('/', 1)[0]));
  const missing = TOP.filter((entry) => !tops.has(entry));
  const surplus = files.filter((file) => !TOP.includes(file) && !BELOW.some((form) => form.test(file)));
  return [
    ...missing.map((entry) => `${entry}: expected in the package, it is not there`),
    ...surplus.map((file) => `${file}: not expected in the package`),
  ];
}

/**
 * Whether something in a text lies below one of the folders. It is no path of theirs if the name goes on before or behind.
 *
 * @param {string} content
 * @param {readonly string[]} folders absolute
 */
export function hasPathBelow(content, folders) {
  const forms = folders.filter((folder) => folder.length > 1).map((folder) => folder.replace(/\W/g, '\\$&'));
  return forms.length > 0 && new RegExp(`(?<![\\w.-])(${forms.join('|')})[\\\\/]`).test(content);
}

/**
 * @param {string} folder an installed package
 * @returns {{ name: string, path: string, bytes: number }[]} its files
 */
function filesIn(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .map((name) => ({ name: name.replaceAll(sep, '/'), path: join(folder, name) }))
    .map((file) => ({ ...file, status: lstatSync(file.path) }))
    .filter(({ status }) => !status.isDirectory())
    .map(({ name, path, status }) => ({ name, path, bytes: status.size }));
}

/**
 * @param {string} folder an installed package
 * @param {readonly string[]} ofThisMachine folders whose paths must not be in it
 * @returns {{ problems: string[], count: number, bytes: number }}
 */
export function examineContents(folder, ofThisMachine) {
  const files = filesIn(folder);
  const telling = files.filter(({ path }) => hasPathBelow(readFileSync(path, 'latin1'), ofThisMachine));
  return {
    problems: [
      ...contentProblems(files.map(({ name }) => name)),
      ...telling.map(({ name }) => `${name}: expected no path of the machine that built it`),
    ],
    count: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
