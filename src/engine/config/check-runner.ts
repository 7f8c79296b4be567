import { nearestName } from '../../utils/nearest-name.js';
import type { DocumentPath, Problem } from '../../utils/document/problem.js';
import { schemaProblems, showValue } from '../../utils/document/schema-problems.js';
import type { YamlDocument } from '../../utils/document/yaml-document.js';
import { findVariety, RUNNER_TYPES, type RunnerType, type Variety, varietyHint } from '../factory.js';

/** What could be made out of an entry of `runners:`, also of one with problems. */
export interface CheckedRunner {
  readonly path: DocumentPath;
  readonly name: string | undefined;
  readonly type: RunnerType | undefined;
  readonly variety: string | undefined;
  readonly dependsOn: readonly string[];
  /** The parsed settings; undefined when there were problems. */
  readonly settings: unknown;
}

/** Checks every entry by its variety's schema; adds what is wrong to `problems`. */
export function checkRunners(document: YamlDocument, value: unknown, problems: Problem[]): readonly CheckedRunner[] {
  const entries = (value as { runners?: unknown } | null)?.runners;
  if (!Array.isArray(entries)) return [];
  return entries.map((entry, index) => checkRunner(document, ['runners', index], entry, problems));
}

function checkRunner(document: YamlDocument, path: DocumentPath, entry: unknown, problems: Problem[]): CheckedRunner {
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) {
    const message = `expected a map with name, type and variety, got ${entry === null ? 'nothing' : showValue(entry)}`;
    problems.push(document.problem(path, 'value', { code: 'config.type', message }));
    return { path, name: undefined, type: undefined, variety: undefined, dependsOn: [], settings: undefined };
  }
  const { name, type, variety, depends_on } = entry as Readonly<Record<string, unknown>>;
  const found = resolve(document, path, { type, variety }, problems);
  return {
    path,
    name: typeof name === 'string' ? name : undefined,
    type: RUNNER_TYPES.find((known) => known === type),
    variety: typeof variety === 'string' ? variety : undefined,
    dependsOn: Array.isArray(depends_on) ? depends_on.filter((item) => typeof item === 'string') : [],
    settings: found && parse(document, path, entry, found, problems),
  };
}

function resolve(
  document: YamlDocument,
  path: DocumentPath,
  { type, variety }: { readonly type: unknown; readonly variety: unknown },
  problems: Problem[],
): Variety | undefined {
  const known = RUNNER_TYPES.find((candidate) => candidate === type);
  if (known === undefined) problems.push(typeProblem(document, path, type));
  if (typeof variety !== 'string') problems.push(varietyMissing(document, path, variety));
  if (known === undefined || typeof variety !== 'string') return undefined;
  const found = findVariety(known, variety);
  if (found === undefined) {
    const message = `expected a known variety of a ${known}, got "${variety}"`;
    problems.push(
      document.problem([...path, 'variety'], 'value', { code: 'config.unknown_name', message, hint: varietyHint(known, variety) }),
    );
  }
  return found;
}

function typeProblem(document: YamlDocument, path: DocumentPath, type: unknown): Problem {
  const expected = RUNNER_TYPES.join(' or ');
  if (type === undefined) return missing(document, [...path, 'type'], expected);
  const near = typeof type === 'string' ? nearestName(type, RUNNER_TYPES) : undefined;
  const message = `expected ${expected}, got ${showValue(type)}`;
  const code = typeof type === 'string' ? 'config.unknown_name' : 'config.type';
  return document.problem([...path, 'type'], 'value', { code, message, hint: near && `did you mean ${near}?` });
}

function varietyMissing(document: YamlDocument, path: DocumentPath, variety: unknown): Problem {
  if (variety === undefined) return missing(document, [...path, 'variety'], 'the name of a variety, such as socket');
  const message = `expected the name of a variety, got ${showValue(variety)}`;
  return document.problem([...path, 'variety'], 'value', { code: 'config.type', message });
}

function missing(document: YamlDocument, path: DocumentPath, expected: string): Problem {
  return document.problem(path, 'value', { code: 'config.missing', message: `expected ${expected}, it is missing` });
}

function parse(
  document: YamlDocument,
  path: DocumentPath,
  entry: unknown,
  variety: Variety,
  problems: Problem[],
): unknown {
  const result = variety.schema.safeParse(entry);
  if (result.success) return result.data;
  problems.push(...schemaProblems(document, path, result.error.issues, entry, variety.schema));
  return undefined;
}
