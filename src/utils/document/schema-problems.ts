import type { z } from 'zod';
import type { ErrorCode } from '../errors.js';
import { nearestName } from '../nearest-name.js';
import type { DocumentPath, Problem } from './problem.js';
import { descriptionOf, keysOf } from './schema-tree.js';
import type { SourceDocument } from './source-document.js';

type Issue = z.core.$ZodIssue;
type What = Pick<Problem, 'code' | 'message' | 'hint'>;

/** Of one map; who has more of them has another kind of file. */
export const MAX_UNKNOWN_KEYS = 20;

/** What was checked: a value at a place of a document, by a schema. */
export interface Checked {
  readonly at: DocumentPath;
  /** As the document has it: references unresolved, so that nothing they lead to is shown. */
  readonly value: unknown;
  readonly schema: z.ZodType;
}

/** What a schema found wrong, as problems of a document. */
export function schemaProblems(
  document: SourceDocument,
  checked: Checked,
  issues: readonly Issue[],
): readonly Problem[] {
  return issues.filter(isOfSetting).flatMap((issue) => issueProblems(document, checked, issue, []));
}

/** Every whole number has bounds of its own, inside those that JavaScript sets. */
function isOfSetting(issue: Issue): boolean {
  if (issue.code === 'too_big') return issue.maximum !== Number.MAX_SAFE_INTEGER;
  return issue.code !== 'too_small' || issue.minimum !== Number.MIN_SAFE_INTEGER;
}

function issueProblems(
  document: SourceDocument,
  checked: Checked,
  issue: Issue,
  within: DocumentPath,
): readonly Problem[] {
  const path = [...within, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  const place = [...checked.at, ...path];
  if (issue.code === 'unrecognized_keys')
    return unknownKeys(document, place, issue.keys, keysOf(checked.schema, path));
  const value = valueAt(checked.value, path);
  const branch = issue.code === 'invalid_union' ? branchFor(issue, value) : undefined;
  if (branch !== undefined) return branch.flatMap((inner) => issueProblems(document, checked, inner, path));
  if (issue.code === 'invalid_key') {
    const message = `${issue.issues[0]?.message ?? 'expected another key'}, got "${path.at(-1)}"`;
    return [document.problem(place, 'key', { code: 'config.value', message })];
  }
  return [document.problem(place, 'value', describe(issue, value, { document, checked, path }))];
}

/** Of a value that may be several things, the complaints of the one that it looks like. */
function branchFor(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  value: unknown,
): readonly Issue[] | undefined {
  if (value === undefined) return undefined;
  const isInside = ({ code, path }: Issue) => path.length > 0 || code === 'unrecognized_keys';
  const isOfKind = ({ code }: Issue) => code !== 'invalid_type';
  const ofValue = value !== null && typeof value === 'object' ? isInside : isOfKind;
  return issue.errors.find((errors) => errors.every(ofValue));
}

function unknownKeys(
  document: SourceDocument,
  at: DocumentPath,
  keys: readonly string[],
  known: readonly string[],
): readonly Problem[] {
  return keys.slice(0, MAX_UNKNOWN_KEYS).map((key) => {
    const near = nearestName(key, known);
    const hint = near === undefined ? `known keys: ${known.join(', ')}` : `did you mean ${near}?`;
    return document.problem([...at, key], 'key', {
      code: 'config.unknown_key',
      message: `unknown key "${key}"`,
      hint,
    });
  });
}

interface Place {
  readonly document: SourceDocument;
  readonly checked: Checked;
  readonly path: DocumentPath;
}

function describe(issue: Issue, value: unknown, { document, checked, path }: Place): What {
  const expected = expectation(issue);
  if (value === undefined) {
    const hint = descriptionOf(checked.schema, path);
    return { code: 'config.missing', message: `expected ${expected}, it is missing`, hint };
  }
  const got = document.isSecret ? kindOf(value) : showValue(value);
  return {
    code: codeOf(issue, value),
    message: `expected ${expected}, got ${got}`,
    hint: hintFor(issue, value),
  };
}

function hintFor(issue: Issue, value: unknown): string | undefined {
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    const near = nearestName(value, issue.values.map(String));
    return near && `did you mean ${near}?`;
  }
  return issue.code === 'invalid_type' ? hintForType(issue, value) : undefined;
}

function hintForType(issue: Extract<Issue, { code: 'invalid_type' }>, value: unknown): string | undefined {
  if (issue.expected === 'array') return 'put it into brackets: [ … ]';
  const isText = issue.expected === 'string' && !issue.message.includes(' such as ');
  return isText && ['number', 'boolean'].includes(typeof value) ? 'put it into quotes' : undefined;
}

function codeOf(issue: Issue, value: unknown): ErrorCode {
  if (issue.code === 'too_small' || issue.code === 'too_big') return 'config.range';
  if (issue.code === 'custom' && issue.params?.['range'] === true) return 'config.range';
  if (issue.code === 'invalid_type' || issue.code === 'invalid_union') return 'config.type';
  const isOtherKind = issue.code === 'invalid_value' && value !== null && typeof value === 'object';
  return isOtherKind ? 'config.type' : 'config.value';
}

function expectation(issue: Issue): string {
  if (issue.message.startsWith('expected ')) return issue.message.slice('expected '.length);
  switch (issue.code) {
    case 'invalid_type':
      return article(issue.expected);
    case 'too_small':
      return smallest(issue);
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `"${String(issue.values[0])}"`
        : `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return unionExpectation(issue);
    default:
      return issue.message;
  }
}

function smallest(issue: Extract<Issue, { code: 'too_small' }>): string {
  if (issue.origin === 'string') return 'text that is not empty';
  return issue.origin === 'array' ? 'a list with at least one entry' : `at least ${issue.minimum}`;
}

function unionExpectation(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const texts = issue.errors.map((errors) => (errors[0] === undefined ? '' : expectation(errors[0])));
  return [...new Set(texts)].filter((text) => text !== '').join(', or ');
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map',
  record: 'a map',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  null: 'nothing',
};

function article(expected: string): string {
  return KINDS[expected] ?? `a ${expected}`;
}

/** A value as a person would write it, short. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value === null) return 'nothing';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** What kind of thing a value is, where the value itself must not be shown. */
function kindOf(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty text' : 'other text';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'number' ? 'a number' : showValue(value);
}

function valueAt(value: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>(
    (node, part) => (node as Record<string | number, unknown> | null | undefined)?.[part],
    value,
  );
}
