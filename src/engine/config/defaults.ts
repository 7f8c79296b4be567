import type { DocumentPath, Problem } from '../../utils/document/problem.js';
import { MAX_UNKNOWN_KEYS, showValue } from '../../utils/document/schema-problems.js';
import type { SourceDocument } from '../../utils/document/source-document.js';
import { nearestName } from '../../utils/nearest-name.js';
import { type Factory, RUNNER_TYPES, type RunnerType } from '../factory.js';

type Entry = Readonly<Record<string, unknown>>;

/** What makes a runner this one is said by the runner itself. */
export const OWN_KEYS = ['name', 'type', 'variety', 'depends_on'];

/**
 * The configuration with what `defaults:` says filled into its runners: maps key by key, anything else only where the
 * runner has nothing. A runner takes of it what its variety knows.
 */
export function withDefaults(value: unknown, factory: Factory): unknown {
  const { runners } = (isMap(value) ? value : {}) as { runners?: unknown };
  if (!isMap(value) || !Array.isArray(runners)) return value;
  const filled = runners.map((entry) =>
    isMap(entry) ? merge(defaultsFor(value, entry, factory), entry) : entry,
  );
  return { ...value, runners: filled };
}

/** A configuration with its defaults filled in; what is wrong with one of those stands in `defaults:`. */
export class DefaultedDocument implements SourceDocument {
  readonly value: unknown;
  readonly isSecret: boolean;
  readonly #document: SourceDocument;
  readonly #factory: Factory;

  constructor(document: SourceDocument, factory: Factory) {
    this.value = withDefaults(document.value, factory);
    this.isSecret = document.isSecret;
    this.#document = document;
    this.#factory = factory;
  }

  problem(
    path: DocumentPath,
    at: 'key' | 'value',
    what: Pick<Problem, 'code' | 'message' | 'hint'>,
  ): Problem {
    return this.#document.problem(this.#placeOf(path), at, what);
  }

  #placeOf(path: DocumentPath): DocumentPath {
    const [top, index, ...rest] = path;
    const { value } = this.#document;
    if (top !== 'runners' || !isMap(value) || rest.length === 0) return path;
    const own = (value['runners'] as readonly unknown[])[index as number];
    if (!isMap(own)) return path;
    const filled = defaultsFor(value, own, this.#factory);
    return isFrom(filled, own, rest) ? ['defaults', own['type'] as RunnerType, ...rest] : path;
  }
}

/** Checks the form of `defaults:`; their values are checked where a runner takes them. */
export function checkDefaults(document: SourceDocument, factory: Factory): readonly Problem[] {
  const { defaults } = (isMap(document.value) ? document.value : {}) as { defaults?: unknown };
  if (defaults === undefined) return [];
  if (!isMap(defaults)) return [wrongType(document, ['defaults'], defaults)];
  return Object.entries(defaults).flatMap(([type, settings]) => {
    const known = RUNNER_TYPES.find((candidate) => candidate === type);
    if (known === undefined) return [unknownKey(document, ['defaults', type], RUNNER_TYPES)];
    if (!isMap(settings)) return [wrongType(document, ['defaults', type], settings)];
    return checkKeys(document, known, settings, factory);
  });
}

function checkKeys(
  document: SourceDocument,
  type: RunnerType,
  settings: Entry,
  factory: Factory,
): readonly Problem[] {
  const shapes = factory.varieties(type).flatMap(({ schema }) => Object.keys(schema.shape));
  const known = [...new Set(shapes)].filter((key) => !OWN_KEYS.includes(key));
  const unknown = Object.keys(settings).filter((key) => !known.includes(key));
  return unknown.slice(0, MAX_UNKNOWN_KEYS).map((key) => {
    if (!OWN_KEYS.includes(key)) return unknownKey(document, ['defaults', type, key], known);
    const message = `expected ${key} in each runner, not in defaults`;
    return document.problem(['defaults', type, key], 'key', { code: 'config.value', message });
  });
}

function unknownKey(document: SourceDocument, path: DocumentPath, known: readonly string[]): Problem {
  const key = String(path.at(-1));
  const near = nearestName(key, known);
  const hint = near === undefined ? `known keys: ${known.join(', ')}` : `did you mean ${near}?`;
  return document.problem(path, 'key', { code: 'config.unknown_key', message: `unknown key "${key}"`, hint });
}

function wrongType(document: SourceDocument, path: DocumentPath, value: unknown): Problem {
  const example = path.length === 1 ? '{consumer: {stage: {path: stage}}}' : '{stage: {path: stage}}';
  const message = `expected a map such as ${example}, got ${showValue(value)}`;
  return document.problem(path, 'value', { code: 'config.type', message });
}

/** What `defaults:` says for a runner, of the keys that its variety has. */
function defaultsFor(value: Entry, { type, variety }: Entry, factory: Factory): Entry {
  const known = RUNNER_TYPES.find((candidate) => candidate === type);
  const defaults = isMap(value['defaults']) && known !== undefined ? value['defaults'][known] : undefined;
  if (known === undefined || !isMap(defaults) || typeof variety !== 'string') return {};
  const shape = factory.find(known, variety)?.schema.shape ?? {};
  const entries = Object.entries(defaults);
  return Object.fromEntries(entries.filter(([key]) => !OWN_KEYS.includes(key) && Object.hasOwn(shape, key)));
}

function merge(defaults: Entry, own: Entry): Entry {
  const merged = Object.entries(defaults).map(([key, value]) => {
    if (!Object.hasOwn(own, key)) return [key, value];
    const mine = own[key];
    return [key, isMap(value) && isMap(mine) ? merge(value, mine) : mine];
  });
  return { ...own, ...Object.fromEntries(merged) };
}

/** Whether what a path leads to in the merged entry came from the defaults. */
function isFrom(defaults: unknown, own: unknown, path: DocumentPath): boolean {
  const [part, ...rest] = path;
  if (part === undefined || !isMap(defaults) || !Object.hasOwn(defaults, part)) return false;
  if (!isMap(own) || !Object.hasOwn(own, part)) return true;
  return isFrom(defaults[part], own[part], rest);
}

function isMap(value: unknown): value is Entry {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
