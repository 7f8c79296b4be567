import { TOP_SETTINGS } from '../../dist/engine/config/config-schema.js';
import { RUNNER_TYPES } from '../../dist/engine/factory.js';
import { postgresProfileSchema } from '../../dist/producers/postgres/settings.js';
import { toJsonSchema } from '../../dist/utils/document/json-schema.js';
import { settingRows } from '../../dist/utils/document/setting-rows.js';
import { cell, code, page, table } from './markdown.mjs';

const INTRODUCTION = `Printed from the schemas by \`npm run docs\`; how the keys are used is said in [the guide](../configuration.md).
\`socket-el varieties NAME\` prints the same, \`socket-el schema\` as JSON Schema for editors.`;

const HEAD = ['key', 'value', 'default', 'meaning'];

/** @param {import('../../dist/utils/document/setting-rows.js').SettingRow[]} rows */
function settingsTable(rows) {
  return table(
    HEAD,
    rows.map(({ key, form, fallback, isRequired, description }) => [
      code(key),
      cell(form),
      isRequired ? 'required' : code(fallback),
      cell(description),
    ]),
  );
}

/** @param {{ key: string }} row */
function isIn(rows) {
  const known = new Set(rows.map((row) => JSON.stringify(row)));
  return (row) => known.has(JSON.stringify(row));
}

/**
 * @param {string} type
 * @param {import('../../dist/engine/factory.js').Variety[]} varieties
 */
function typeParts(type, varieties) {
  const all = varieties.map(({ schema }) => settingRows(toJsonSchema(schema)));
  const common = all[0].filter((row) => all.every((rows) => isIn(rows)(row)));
  const isCommon = isIn(common);
  return [
    `## Every ${type}`,
    settingsTable(common),
    ...varieties.flatMap(({ name, summary }, index) => {
      const own = all[index].filter((row) => !isCommon(row));
      return [
        `### \`type: ${type}\`, \`variety: ${name}\``,
        summary,
        own.length === 0 ? '' : settingsTable(own),
      ];
    }),
  ];
}

/** @param {import('../../dist/engine/factory.js').Factory} factory */
export function configurationPage(factory) {
  const top = Object.entries(TOP_SETTINGS).map(([key, description]) => [code(key), cell(description)]);
  return page(
    '# Reference: configuration',
    INTRODUCTION,
    '## The file',
    table(['key', 'meaning'], [...top, ['`x-…`', 'Anything; for YAML anchors.']]),
    ...RUNNER_TYPES.flatMap((type) => typeParts(type, factory.varieties(type))),
    '## Profiles for `variety: postgres`',
    settingsTable(settingRows(toJsonSchema(postgresProfileSchema))),
  );
}
