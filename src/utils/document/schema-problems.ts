import type { z } from 'zod';
import type { ErrorCode } from '../errors.js';
import { nearestName } from '../nearest-name.js';
import type { DocumentPath, Problem } from './problem.js';
import type { YamlDocument } from './yaml-document.js';

type Issue = z.core.$ZodIssue;

/** What was checked: a value at a place of a document, by a schema. */
export interface Checked {
  readonly at: DocumentPath;
  readonly value: unknown;
  readonly schema: z.ZodType;
}

/** What a schema found wrong, as problems of a document. */
export function schemaProblems(
  document: YamlDocument,
  { at, value, schema }: Checked,
  issues: readonly Issue[],
): readonly Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    const place = [...at, ...path];
    if (issue.code === 'unrecognized_keys') {
      return unknownKeys(document, place, issue.keys, knownKeys(schema, path));
    }
    return [document.problem(place, 'value', describe(issue, valueAt(value, path)))];
  });
}

function unknownKeys(
  document: YamlDocument,
  at: DocumentPath,
  keys: readonly string[],
  known: readonly string[],
): readonly Problem[] {
  return keys.map((key) => {
    const near = nearestName(key, known);
    const hint = near === undefined ? `known keys: ${known.join(', ')}` : `did you mean ${near}?`;
    return document.problem([...at, key], 'key', {
      code: 'config.unknown_key',
      message: `unknown key "${key}"`,
      hint,
    });
  });
}

function describe(issue: Issue, value: unknown): Pick<Problem, 'code' | 'message' | 'hint'> {
  if (value === undefined)
    return { code: 'config.missing', message: `expected ${expectation(issue)}, it is missing` };
  const got = showValue(value);
  const code = codeOf(issue);
  const near =
    issue.code === 'invalid_value' && typeof value === 'string'
      ? nearestName(value, issue.values.map(String))
      : undefined;
  return {
    code,
    message: `expected ${expectation(issue)}, got ${got}`,
    hint: near && `did you mean ${near}?`,
  };
}

function codeOf(issue: Issue): ErrorCode {
  if (issue.code === 'too_small' || issue.code === 'too_big') return 'config.range';
  if (issue.code === 'invalid_type' || issue.code === 'invalid_union') return 'config.type';
  return 'config.value';
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return article(issue.expected);
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'at least one'
        : `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `"${String(issue.values[0])}"`
        : `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return unionExpectation(issue);
    default:
      return issue.message.replace(/^expected /, '');
  }
}

function unionExpectation(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const texts = issue.errors.map((errors) => (errors[0] === undefined ? '' : expectation(errors[0])));
  return [...new Set(texts)].filter((text) => text !== '').join(', or ');
}

function article(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'a map',
    record: 'a map',
    int: 'a whole number',
    string: 'text',
    boolean: 'true or false',
    null: 'null',
  };
  return names[expected] ?? `a ${expected}`;
}

/** A value as a person would write it, short; secrets do not come here, because references are shown unresolved. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value !== null && typeof value === 'object') return 'a map';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function valueAt(value: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>(
    (node, part) => (node as Record<string | number, unknown> | null | undefined)?.[part],
    value,
  );
}

/** The keys that the object a path leads to may have. */
function knownKeys(schema: z.ZodType, path: DocumentPath): readonly string[] {
  let node: unknown = schema;
  for (const part of path) node = childSchema(unwrap(node), part);
  return Object.keys((unwrap(node) as { shape?: object } | undefined)?.shape ?? {});
}

interface SchemaNode {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly element?: unknown;
  readonly def?: {
    readonly innerType?: unknown;
    readonly in?: unknown;
    readonly options?: readonly unknown[];
  };
}

function childSchema(node: SchemaNode | undefined, part: string | number): unknown {
  return typeof part === 'number' ? node?.element : node?.shape?.[part];
}

/** The object inside defaults, optionals, pipes and unions. */
function unwrap(schema: unknown): SchemaNode | undefined {
  const node = schema as SchemaNode | undefined;
  if (node === undefined || node.shape !== undefined || node.element !== undefined) return node;
  const option = node.def?.options?.map(unwrap).find((candidate) => candidate?.shape !== undefined);
  const inner = option ?? node.def?.innerType ?? node.def?.in;
  return inner === undefined ? node : unwrap(inner);
}
