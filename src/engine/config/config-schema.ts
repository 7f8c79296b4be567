import { type JsonSchema, toJsonSchema } from '../../utils/document/json-schema.js';
import { NAME_PATTERN } from '../../utils/settings.js';
import { type Factory, RUNNER_TYPES, type RunnerType, type Variety } from '../factory.js';
import { OWN_KEYS } from './defaults.js';

/** The keys of the configuration's top, beside those that begin with `x-`. */
export const TOP_SETTINGS = {
  name: 'Name of the pipeline; the file’s unless given.',
  plugins: 'Modules with varieties of your own: paths relative to the file, or names of packages.',
  defaults:
    'Settings of all consumers and of all producers that have such a key and do not give it themselves.',
  runners: 'The runners: consumers, which receive, and producers, which load what was received.',
} as const;

const REFERENCE = { type: 'string', pattern: '\\$\\{(env|file):' } as const;

/**
 * The JSON Schema (2020-12) of a configuration, for editors: what is more than form, such as names that lead to other
 * runners, only `validate` checks.
 */
export function configSchema(factory: Factory): JsonSchema {
  const varieties = RUNNER_TYPES.flatMap((type) => factory.varieties(type));
  const { name, plugins, defaults, runners } = TOP_SETTINGS;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of socket-el',
    type: 'object',
    required: ['runners'],
    additionalProperties: false,
    patternProperties: { '^x-': true },
    properties: {
      name: { type: 'string', pattern: NAME_PATTERN.source, description: name },
      plugins: { type: 'array', items: { type: 'string' }, description: plugins },
      defaults: defaultsSchema(factory, defaults),
      runners: { type: 'array', minItems: 1, items: runnerSchema(varieties), description: runners },
    },
    $defs: Object.fromEntries(varieties.map((variety) => [idOf(variety), varietySchema(variety)])),
  };
}

function runnerSchema(varieties: readonly Variety[]): JsonSchema {
  const isVariety = ({ type, name }: Variety): JsonSchema => ({
    properties: { type: { const: type }, variety: { const: name } },
    required: ['type', 'variety'],
  });
  return {
    type: 'object',
    required: ['name', 'type', 'variety'],
    properties: {
      type: { enum: RUNNER_TYPES },
      variety: { enum: [...new Set(varieties.map(({ name }) => name))] },
    },
    allOf: varieties.map((variety) => ({
      if: isVariety(variety),
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { $ref: `#/$defs/${idOf(variety)}` },
    })),
  };
}

function varietySchema({ type, name, summary, schema }: Variety): JsonSchema {
  const json = withReferences(toJsonSchema(schema));
  const own = { type: { const: type }, variety: { const: name } };
  return { ...json, description: summary, properties: { ...json.properties, ...own } };
}

function defaultsSchema(factory: Factory, description: string): JsonSchema {
  const properties = Object.fromEntries(RUNNER_TYPES.map((type) => [type, sharedSchema(factory, type)]));
  return { type: 'object', additionalProperties: false, description, properties };
}

function sharedSchema(factory: Factory, type: RunnerType): JsonSchema {
  const all = factory
    .varieties(type)
    .flatMap(({ schema }) => Object.entries(withReferences(toJsonSchema(schema)).properties ?? {}));
  const shared = all.filter(([key]) => !OWN_KEYS.includes(key));
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(shared) };
}

/** Where a number or one of some words is expected, a reference that leads to it may stand too. */
function withReferences(schema: JsonSchema): JsonSchema {
  const { description, default: fallback, ...form } = mapped(schema);
  if (!isNarrow(form)) return { ...form, ...pick({ description, default: fallback }) };
  return { anyOf: [form, REFERENCE], ...pick({ description, default: fallback }) };
}

function mapped(schema: JsonSchema): JsonSchema {
  const { properties, additionalProperties, items, anyOf } = schema;
  const inner = {
    properties: properties && mapValues(properties, withReferences),
    additionalProperties:
      typeof additionalProperties === 'object' ? withReferences(additionalProperties) : additionalProperties,
    items: items && withReferences(items),
    anyOf: anyOf?.map(withReferences),
  };
  return { ...schema, ...pick(inner) };
}

function isNarrow({ type, enum: values, pattern }: JsonSchema): boolean {
  return type === 'integer' || (type === 'string' && (values ?? pattern) !== undefined);
}

function pick(keywords: Readonly<Record<string, unknown>>): JsonSchema {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined));
}

function mapValues<T, U>(map: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

function idOf({ type, name }: Variety): string {
  return `${type}-${name}`;
}
