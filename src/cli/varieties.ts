import type { Command } from 'commander';
import type { RunnerType, Variety } from '../engine/factory.js';
import type { SettingRow } from '../utils/document/setting-rows.js';
import { SocketElError } from '../utils/errors.js';
import { nearestName } from '../utils/nearest-name.js';
import { printResult } from './print-table.js';
import { wrapText } from './wrap-text.js';

interface VarietiesFlags {
  readonly config?: string;
  readonly json?: boolean;
}

/** What is printed of a variety; `settings` only of one that was asked for. */
interface VarietyDescription {
  readonly type: RunnerType;
  readonly name: string;
  readonly summary: string;
  readonly settings?: readonly SettingRow[];
}

const INDENT = 4;

/** `socket-el varieties [NAME]` */
export function addVarieties(program: Command): void {
  program
    .command('varieties')
    .description('Lists the varieties that runners can be of, or all settings of one.')
    .argument('[name]', 'show the settings of this variety')
    .option('--config <file>', 'those of the plug-ins of this configuration too')
    .option('--json', 'print one JSON document')
    .action(varieties);
}

async function varieties(name: string | undefined, { config, json }: VarietiesFlags): Promise<void> {
  const { RUNNER_TYPES } = await import('../engine/factory.js');
  const { loadVarieties } = await import('../engine/config/load-pipeline.js');
  const factory = await loadVarieties(config);
  const all = RUNNER_TYPES.flatMap((type) => factory.varieties(type));
  if (name === undefined) {
    const listed = all.map(describe);
    printResult(json, listed, listLines(listed));
    return;
  }
  const { toJsonSchema } = await import('../utils/document/json-schema.js');
  const { settingRows } = await import('../utils/document/setting-rows.js');
  const named = all.filter((variety) => variety.name === name);
  if (named.length === 0) throw unknownVariety(name, all);
  const shown = named.map((variety) => ({
    ...describe(variety),
    settings: settingRows(toJsonSchema(variety.schema)),
  }));
  printResult(json, shown, shown.flatMap(varietyLines));
}

function describe({ type, name, summary }: Variety): VarietyDescription {
  return { type, name, summary };
}

function listLines(listed: readonly VarietyDescription[]): readonly string[] {
  const width = Math.max(...listed.map(({ name }) => name.length));
  return listed.flatMap(({ type, name, summary }, i) => {
    const head = listed[i - 1]?.type === type ? [] : [`${i === 0 ? '' : '\n'}type: ${type}`];
    return [...head, `  ${name.padEnd(width)}  ${summary}`];
  });
}

function varietyLines({ type, name, summary, settings = [] }: VarietyDescription): readonly string[] {
  return [`type: ${type}, variety: ${name}`, `  ${summary}`, ...settings.flatMap(settingLines), ''];
}

function settingLines({ key, form, fallback, isRequired, description }: SettingRow): readonly string[] {
  const notes = [isRequired ? 'required' : '', fallback === undefined ? '' : `default ${fallback}`];
  const head = ['', `  ${key}: ${[form, ...notes].filter(Boolean).join('; ')}`];
  return description === '' ? head : [...head, ...wrapText(description, INDENT)];
}

function unknownVariety(name: string, all: readonly Variety[]): SocketElError {
  const names = [...new Set(all.map((variety) => variety.name))];
  const near = nearestName(name, names);
  return new SocketElError({
    code: 'usage.argument',
    message: `expected the name of a variety, got "${name}"`,
    hint: near === undefined ? `varieties: ${names.join(', ')}` : `did you mean ${near}?`,
  });
}
