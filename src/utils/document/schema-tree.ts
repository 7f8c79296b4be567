import type { z } from 'zod';
import type { DocumentPath } from './problem.js';

/** What we look at of a zod schema; it is the same for all of them. */
interface SchemaNode {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly description?: string | undefined;
  readonly def?: {
    readonly innerType?: unknown;
    readonly in?: unknown;
    readonly out?: unknown;
    readonly options?: readonly unknown[];
  };
}

/** The keys that the map a path leads to may have. */
export function keysOf(schema: z.ZodType, path: DocumentPath): readonly string[] {
  return Object.keys(structure(descend(schema, path))?.shape ?? {});
}

/** The description of what a path leads to, if it has one. */
export function descriptionOf(schema: z.ZodType, path: DocumentPath): string | undefined {
  for (let node = descend(schema, path); node !== undefined; node = inner(node)) {
    if (node.description !== undefined) return node.description;
  }
  return undefined;
}

function descend(schema: unknown, path: DocumentPath): SchemaNode | undefined {
  let node = schema as SchemaNode | undefined;
  for (const part of path) node = childOf(structure(node), part) as SchemaNode | undefined;
  return node;
}

function childOf(node: SchemaNode | undefined, part: string | number): unknown {
  if (typeof part === 'number') return node?.element;
  return node?.shape?.[part] ?? node?.valueType;
}

/** The map or list inside defaults, optionals, pipes and unions. */
function structure(node: SchemaNode | undefined): SchemaNode | undefined {
  let at = node;
  while (
    at !== undefined &&
    at.shape === undefined &&
    at.element === undefined &&
    at.valueType === undefined
  ) {
    at = inner(at);
  }
  return at;
}

function inner(node: SchemaNode): SchemaNode | undefined {
  const option = node.def?.options?.find(
    (candidate) => structure(candidate as SchemaNode)?.shape !== undefined,
  );
  const { innerType, in: input, out } = node.def ?? {};
  const isTransform = (input as { type?: unknown } | undefined)?.type === 'transform';
  return (option ?? innerType ?? (isTransform ? out : input)) as SchemaNode | undefined;
}
