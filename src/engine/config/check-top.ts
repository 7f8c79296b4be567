import type { Problem } from '../../utils/document/problem.js';
import { MAX_UNKNOWN_KEYS, showValue } from '../../utils/document/schema-problems.js';
import type { SourceDocument } from '../../utils/document/source-document.js';
import { nearestName } from '../../utils/nearest-name.js';
import { NAME_PATTERN } from '../../utils/settings.js';
import { TOP_SETTINGS } from './config-schema.js';

const TOP_KEYS = Object.keys(TOP_SETTINGS);

/** Checks everything of the configuration but its runners. */
export function checkTop(document: SourceDocument, raw: unknown): readonly Problem[] {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    const hint = 'begin with runners:, a list of consumers and producers';
    const message = `expected a map with the key runners, got ${raw === null ? 'nothing' : showValue(raw)}`;
    return [document.problem([], 'value', { code: 'config.type', message, hint })];
  }
  const unknown = Object.keys(raw).filter((key) => !TOP_KEYS.includes(key) && !key.startsWith('x-'));
  return [
    ...unknown.slice(0, MAX_UNKNOWN_KEYS).map((key) => unknownKey(document, key)),
    ...checkName(document, (raw as { name?: unknown }).name),
    ...checkPlugins(document, (raw as { plugins?: unknown }).plugins),
    ...checkList(document, raw as { runners?: unknown }),
  ];
}

function unknownKey(document: SourceDocument, key: string): Problem {
  const near = nearestName(key, TOP_KEYS);
  const hint =
    near === undefined
      ? `known keys: ${TOP_KEYS.join(', ')}, and any that begins with x-`
      : `did you mean ${near}?`;
  return document.problem([key], 'key', {
    code: 'config.unknown_key',
    message: `unknown key "${key}"`,
    hint,
  });
}

function checkName(document: SourceDocument, name: unknown): readonly Problem[] {
  if (name === undefined || (typeof name === 'string' && NAME_PATTERN.test(name))) return [];
  const code = typeof name === 'string' ? 'config.value' : 'config.type';
  const message = `expected a name of letters, digits, "_" and "-", starting with a letter or digit, got ${showValue(name)}`;
  return [document.problem(['name'], 'value', { code, message })];
}

function checkPlugins(document: SourceDocument, plugins: unknown): readonly Problem[] {
  if (plugins === undefined || (Array.isArray(plugins) && plugins.every((item) => typeof item === 'string')))
    return [];
  const message = `expected a list of paths of modules, got ${showValue(plugins)}`;
  return [document.problem(['plugins'], 'value', { code: 'config.type', message })];
}

function checkList(document: SourceDocument, raw: { runners?: unknown }): readonly Problem[] {
  const { runners } = raw;
  if (Array.isArray(runners) && runners.length > 0) return [];
  const hint = 'runners: is a list; each entry has name, type and variety';
  if (!Object.hasOwn(raw, 'runners')) {
    return [
      document.problem([], 'value', {
        code: 'config.missing',
        message: 'expected the key runners, it is missing',
        hint,
      }),
    ];
  }
  const isEmpty = runners === null || Array.isArray(runners);
  const message = `expected a list of runners, got ${isEmpty ? 'an empty one' : showValue(runners)}`;
  return [
    document.problem(['runners'], 'value', {
      code: isEmpty ? 'config.missing' : 'config.type',
      message,
      hint,
    }),
  ];
}
