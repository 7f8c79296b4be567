import type { DocumentPath, Problem } from '../../utils/document/problem.js';
import { type Checked, schemaProblems, showValue } from '../../utils/document/schema-problems.js';
import { keysOf } from '../../utils/document/schema-tree.js';
import type { SourceDocument } from '../../utils/document/source-document.js';
import { nearestName } from '../../utils/nearest-name.js';
import { type Factory, RUNNER_TYPES, type RunnerType, type Variety } from '../factory.js';

/** What could be made out of an entry of `runners:`, also of one with problems. */
export interface CheckedRunner {
  readonly path: DocumentPath;
  readonly name: string | undefined;
  readonly type: RunnerType | undefined;
  readonly variety: Variety | undefined;
  readonly dependsOn: readonly string[];
  /** The parsed settings; undefined when there were problems. */
  readonly settings: unknown;
}

/** A configuration under check. */
export interface Checking {
  readonly document: SourceDocument;
  /** The document's value with its references resolved. */
  readonly value: unknown;
  readonly factory: Factory;
  /** Takes what is found to be wrong. */
  readonly problems: Problem[];
}

type Entry = Readonly<Record<string, unknown>>;

/** Checks every entry by its variety's schema. */
export function checkRunners(checking: Checking): readonly CheckedRunner[] {
  const entries = (checking.value as { runners?: unknown } | null)?.runners;
  if (!Array.isArray(entries)) return [];
  return entries.map((entry, index) => checkRunner(checking, ['runners', index], entry));
}

function checkRunner(checking: Checking, path: DocumentPath, entry: unknown): CheckedRunner {
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) {
    const message = `expected a map with name, type and variety, got ${entry === null ? 'nothing' : showValue(entry)}`;
    report(checking, path, { code: 'config.type', message });
    return { path, name: undefined, type: undefined, variety: undefined, dependsOn: [], settings: undefined };
  }
  const { name, type, depends_on } = entry as Entry;
  const variety = resolveVariety(checking, path, entry as Entry);
  if (variety === undefined && name === undefined) {
    const message = 'expected a name, it is missing';
    report(checking, [...path, 'name'], { code: 'config.missing', message });
  }
  return {
    path,
    name: typeof name === 'string' ? name : undefined,
    type: RUNNER_TYPES.find((known) => known === type),
    variety,
    dependsOn: Array.isArray(depends_on) ? depends_on.filter((item) => typeof item === 'string') : [],
    settings: variety && parseEntry(checking, path, entry, variety),
  };
}

function resolveVariety(
  checking: Checking,
  path: DocumentPath,
  { type, variety }: Entry,
): Variety | undefined {
  const known = RUNNER_TYPES.find((candidate) => candidate === type);
  if (known === undefined) report(checking, [...path, 'type'], typeProblem(type));
  if (typeof variety !== 'string') report(checking, [...path, 'variety'], varietyProblem(variety));
  if (known === undefined || typeof variety !== 'string') return undefined;
  const found = checking.factory.find(known, variety);
  if (found === undefined) {
    const message = `expected a known variety of a ${known}, got "${variety}"`;
    const hint = checking.factory.hint(known, variety);
    report(checking, [...path, 'variety'], { code: 'config.unknown_name', message, hint });
  }
  return found;
}

type What = Pick<Problem, 'code' | 'message' | 'hint'>;

function typeProblem(type: unknown): What {
  const expected = RUNNER_TYPES.join(' or ');
  if (type === undefined) return { code: 'config.missing', message: `expected ${expected}, it is missing` };
  const near = typeof type === 'string' ? nearestName(type, RUNNER_TYPES) : undefined;
  const code = typeof type === 'string' ? 'config.unknown_name' : 'config.type';
  const hint = near && `did you mean ${near}?`;
  return { code, message: `expected ${expected}, got ${showValue(type)}`, hint };
}

function varietyProblem(variety: unknown): What {
  const expected = 'expected the name of a variety, such as socket';
  if (variety === undefined) return { code: 'config.missing', message: `${expected}, it is missing` };
  return { code: 'config.type', message: `${expected}, got ${showValue(variety)}` };
}

/** Values are shown as the file has them, so that nothing a reference led to is shown. */
function parseEntry(checking: Checking, path: DocumentPath, entry: unknown, variety: Variety): unknown {
  const { document, problems } = checking;
  problems.push(...lostKeys(document, { at: path, value: entry, schema: variety.schema }, []));
  const result = variety.schema.safeParse(entry);
  if (result.success) return result.data;
  const { runners } = document.value as { runners: readonly unknown[] };
  const checked = { at: path, value: runners[path[1] as number], schema: variety.schema };
  problems.push(...schemaProblems(document, checked, result.error.issues));
  return undefined;
}

/** In a map with free keys `__proto__` would be lost without a word. */
function lostKeys(document: SourceDocument, checked: Checked, path: DocumentPath): readonly Problem[] {
  const value = path.reduce<unknown>((node, part) => (node as Entry)[part], checked.value);
  if (value === null || typeof value !== 'object') return [];
  const isFree = keysOf(checked.schema, path).length === 0;
  const keys = Object.keys(value).map((key) => (Array.isArray(value) ? Number(key) : key));
  return keys.flatMap((key) => {
    if (key !== '__proto__') return lostKeys(document, checked, [...path, key]);
    const what = { code: 'config.value', message: 'expected another key than __proto__' } as const;
    return isFree ? [document.problem([...checked.at, ...path, key], 'key', what)] : [];
  });
}

function report({ document, problems }: Checking, path: DocumentPath, what: What): void {
  problems.push(document.problem(path, 'value', what));
}
