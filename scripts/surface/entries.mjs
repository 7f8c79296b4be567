import { createProgram } from '../../dist/cli/program.js';
import { TOP_SETTINGS } from '../../dist/engine/config/config-schema.js';
import { Factory, RUNNER_TYPES } from '../../dist/engine/factory.js';
import { postgresProfileSchema } from '../../dist/producers/postgres/settings.js';
import { toJsonSchema } from '../../dist/utils/document/json-schema.js';
import { settingRows } from '../../dist/utils/document/setting-rows.js';
import { ERROR_CODES } from '../../dist/utils/error-codes.js';

/**
 * Something that a user can write or read: a key of the configuration or a profile, a verb, a flag, an error code.
 *
 * @typedef {object} Entry
 * @property {'key' | 'verb' | 'flag' | 'code' | 'none'} kind `none` stands for no entry at all
 * @property {string} name what tests call it by, such as `key consumer/socket uri` or `flag run --grace`
 * @property {string} [section] of a key: `file`, a type, a type and a variety, or a profile's
 * @property {string[]} path a key's parts, a verb's words, a flag's verb and name, or the code alone
 */

/** The keys of a schema. @returns {string[]} */
function keysOf(schema) {
  return settingRows(toJsonSchema(schema)).map(({ key }) => key);
}

/** @returns {Entry} */
function keyEntry(section, key) {
  const name = section === 'file' ? `key ${key}` : `key ${section} ${key}`;
  return { kind: 'key', name, section, path: key.split('.') };
}

function keysOfType(type, varieties) {
  const all = varieties.map((variety) => ({ ...variety, keys: keysOf(variety.schema) }));
  const common = all[0].keys.filter((key) => all.every(({ keys }) => keys.includes(key)));
  const own = all.flatMap(({ name, keys }) =>
    keys.filter((key) => !common.includes(key)).map((key) => keyEntry(`${type}/${name}`, key)),
  );
  return [...common.map((key) => keyEntry(type, key)), ...own];
}

/** The verbs below a command, and the flags of each; a command with verbs of its own is none. */
function verbsAndFlags(command, words) {
  return command.commands.flatMap((child) => {
    const path = [...words, child.name()];
    if (child.commands.length > 0) return verbsAndFlags(child, path);
    return [{ kind: 'verb', name: `verb ${path.join(' ')}`, path }, ...flagsOf(child, path)];
  });
}

function flagsOf(command, words) {
  const verb = words.join(' ');
  return command.options.map(({ long }) => ({
    kind: 'flag',
    name: verb === '' ? `flag ${long}` : `flag ${verb} ${long}`,
    path: [verb, long],
  }));
}

/** @returns {Promise<Entry[]>} all of them, from the schemas, the command line and the list of codes */
export async function surfaceEntries() {
  const factory = await Factory.load([]);
  const program = createProgram();
  const top = [...Object.keys(TOP_SETTINGS), 'x-…'].map((key) => keyEntry('file', key));
  return [
    ...top,
    ...RUNNER_TYPES.flatMap((type) => keysOfType(type, factory.varieties(type))),
    ...keysOf(postgresProfileSchema).map((key) => keyEntry('profile/postgres', key)),
    ...flagsOf(program, []),
    ...verbsAndFlags(program, []),
    ...Object.keys(ERROR_CODES).map((code) => ({ kind: 'code', name: `code ${code}`, path: [code] })),
  ];
}
