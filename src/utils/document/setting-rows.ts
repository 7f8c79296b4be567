import type { JsonSchema } from './json-schema.js';

/** A setting as a person looks it up. */
export interface SettingRow {
  /** Where it stands below its runner, such as `stage.retain.for`; `<name>` is a key of the writer's choice. */
  readonly key: string;
  /** What may be written, in words. */
  readonly form: string;
  /** As it would be written; undefined where there is none. */
  readonly fallback: string | undefined;
  readonly isRequired: boolean;
  readonly description: string;
}

const WORDS: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  integer: 'whole number',
  string: 'text',
  array: 'list',
  object: 'map',
};

/** The settings that a schema describes, a row each, in its order; a map with keys of its own becomes rows of them. */
export function settingRows(schema: JsonSchema, prefix = ''): readonly SettingRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const isRequired = schema.required?.includes(key) === true && inner.default === undefined;
    return rowsOf(`${prefix}${key}`, inner, isRequired);
  });
}

function rowsOf(key: string, schema: JsonSchema, isRequired: boolean): readonly SettingRow[] {
  const nested = nestedIn(schema);
  const below = nested.flatMap(({ suffix, inner }) => settingRows(inner, `${key}${suffix}.`));
  // A map that says nothing of itself is its keys.
  if (schema.properties !== undefined && schema.description === undefined) return below;
  const own = {
    key,
    form: formOf(schema),
    fallback: fallbackOf(schema),
    isRequired,
    description: schema.description ?? '',
  };
  return [own, ...below];
}

/** The maps with keys of their own inside a setting, and what leads to them. */
function nestedIn(schema: JsonSchema): readonly { readonly suffix: string; readonly inner: JsonSchema }[] {
  if (schema.properties !== undefined) return [{ suffix: '', inner: schema }];
  const { additionalProperties, items, anyOf = [] } = schema;
  return [
    ...(typeof additionalProperties === 'object' ? below('.<name>', additionalProperties) : []),
    ...(items === undefined ? [] : below('[]', items)),
    ...anyOf.flatMap(nestedIn),
  ];
}

function below(suffix: string, schema: JsonSchema): ReturnType<typeof nestedIn> {
  return nestedIn(schema).map(({ suffix: rest, inner }) => ({ suffix: `${suffix}${rest}`, inner }));
}

function formOf(schema: JsonSchema): string {
  const { title, const: value, enum: values, items, anyOf, additionalProperties, type } = schema;
  if (title !== undefined) return title;
  if (value !== undefined) return String(value);
  if (values !== undefined) return values.map(String).join(', ');
  if (anyOf !== undefined) return [...new Set(anyOf.map(formOf))].join('; or ');
  if (items !== undefined) return `list of ${formOf(items)}`;
  if (typeof additionalProperties === 'object') return `map of ${formOf(additionalProperties)}`;
  const types = typeof type === 'string' ? [type] : (type ?? []);
  return types.map((one) => WORDS[one] ?? one).join(', ') || 'anything';
}

function fallbackOf({ default: value }: JsonSchema): string | undefined {
  if (value === undefined || isEmpty(value)) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value).replaceAll(',', ', ');
}

function isEmpty(value: unknown): boolean {
  return value !== null && typeof value === 'object' && Object.keys(value).length === 0;
}
