import { z } from 'zod';

/** What we use of JSON Schema 2020-12. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** What may be written for a setting, as JSON Schema. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      // Behind a conversion zod leaves the default out, though it is what may be left out.
      if (def.type === 'default' && !('default' in jsonSchema)) {
        jsonSchema.default = (def as z.core.$ZodDefaultDef).defaultValue as number;
      }
    },
  });
  return json as JsonSchema;
}
