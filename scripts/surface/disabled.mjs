// In a copy of the built command this is `dist/disabled.js`: what it imports is beside it.
import { appendFileSync, readFileSync } from 'node:fs';

/** @type {{ entry: import('./entries.mjs').Entry, touchedFile: string }} */
const { entry, touchedFile } = JSON.parse(readFileSync(new URL('./disabled.json', import.meta.url), 'utf8'));

function touch() {
  appendFileSync(touchedFile, '.');
}

/**
 * Takes the disabled key out of a parsed file, as if nobody had written it.
 *
 * @template T
 * @param {T} document
 * @returns {T}
 */
export function withoutKey(document) {
  if (entry.kind !== 'key' || !isMap(document)) return document;
  const [type, variety] = entry.section.split('/');
  for (const node of nodesOf(document, type, variety)) remove(node, entry.path);
  return document;
}

function nodesOf(document, type, variety) {
  if (type === 'profile') return 'runners' in document ? [] : Object.values(document);
  if (type === 'file') return 'runners' in document ? [document] : [];
  const runners = Array.isArray(document.runners) ? document.runners : [];
  const isMeant = (one) => isMap(one) && one.type === type && (variety ?? one.variety) === one.variety;
  return [...runners.filter(isMeant), document.defaults?.[type]];
}

function remove(node, [key, ...rest]) {
  if (!isMap(node)) return;
  if (key === 'x-…') keepNotes(node);
  else if (key === '<name>') for (const inner of Object.values(node)) remove(inner, rest);
  else if (rest.length > 0) remove(node[key], rest);
  else if (key in node) {
    touch();
    delete node[key];
  }
}

/** What disables notes is that their keys are like any other. */
function keepNotes(node) {
  for (const key of Object.keys(node).filter((one) => one.startsWith('x-'))) {
    touch();
    node[`y-${key}`] = node[key];
  }
}

function isMap(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * Takes the disabled verb from the command line, or makes it deaf for the disabled flag.
 *
 * @param {import('commander').Command} program
 */
export function withoutVerbOrFlag(program) {
  if (entry.kind === 'verb') removeVerb(program, entry.path);
  if (entry.kind === 'flag' && entry.path[0] !== '')
    program.hook('preAction', (_, action) => resetFlag(action));
  return program;
}

function removeVerb(command, [word, ...rest]) {
  const index = command.commands.findIndex((child) => child.name() === word);
  if (rest.length > 0) return removeVerb(command.commands[index], rest);
  if (process.argv.includes(word)) touch();
  command.commands.splice(index, 1);
}

/**
 * Called first, with the arguments: takes a disabled flag of the program itself from them, which are looked at before there
 * is a program; and hides a disabled error code wherever it would be read.
 *
 * @param {readonly string[]} argv
 */
export function begin(argv) {
  if (entry.kind === 'code')
    for (const stream of [process.stdout, process.stderr]) hide(entry.path[0], stream);
  const [verb, flag] = entry.path;
  if (entry.kind !== 'flag' || verb !== '' || !argv.includes(flag)) return argv;
  touch();
  return argv.filter((argument) => argument !== flag);
}

/**
 * @param {string} code
 * @param {NodeJS.WriteStream} stream
 */
function hide(code, stream) {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => {
    const text = String(chunk);
    if (text.includes(code)) touch();
    return write(text.replaceAll(code, 'hidden.code'), ...rest);
  };
}

/** @param {import('commander').Command} action */
function resetFlag(action) {
  const [verb, flag] = entry.path;
  if (verbOf(action) !== verb) return;
  const option = action.options.find(({ long }) => long === flag);
  const name = option.attributeName();
  if (action.getOptionValueSource(name) === 'cli') touch();
  action.setOptionValueWithSource(name, option.negate ? true : option.defaultValue, 'default');
}

function verbOf(command) {
  const isTop = command.parent === null || command.parent.parent === null;
  return isTop ? command.name() : `${verbOf(command.parent)} ${command.name()}`;
}
