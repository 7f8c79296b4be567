import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { interpolate } from '../../utils/document/interpolate.js';
import { type DocumentPath, type Problem, pathText, throwProblems } from '../../utils/document/problem.js';
import type { SourceDocument } from '../../utils/document/source-document.js';
import { YamlDocument } from '../../utils/document/yaml-document.js';
import { messageOf, SocketElError } from '../../utils/errors.js';
import { Redactor } from '../../utils/redaction.js';
import { NAME_PATTERN } from '../../utils/settings.js';
import { Factory, type RunnerType } from '../factory.js';
import { resolvePlugin } from '../import-plugin.js';
import type { Pipeline } from '../pipeline.js';
import { checkEdges } from './check-edges.js';
import { checkProfiles } from './check-profiles.js';
import { type CheckedRunner, checkRunners } from './check-runner.js';
import { checkTargets } from './check-targets.js';
import { checkTop } from './check-top.js';
import { checkDefaults, DefaultedDocument, withDefaults } from './defaults.js';

const MAX_CONFIG_BYTES = 64 * 1024 * 1024;

/** A configuration that passed every check, and the secret values met on the way. */
export interface LoadedPipeline {
  readonly pipeline: Pipeline;
  readonly secrets: readonly string[];
}

/** What loading needs beside the file. */
export interface LoadOptions {
  readonly profileFiles: readonly string[];
  /** Names of the runners that are to run; the others' profiles are not looked at. All when empty. */
  readonly only?: readonly string[];
  /** Leaves the profiles alone, for work that connects to nothing. */
  readonly withoutProfiles?: boolean;
}

/**
 * Reads and checks a configuration as a whole.
 *
 * @throws ProblemsError with every problem, each with file, line and column
 */
export async function loadPipeline(file: string, options: LoadOptions): Promise<LoadedPipeline> {
  return check(new YamlDocument(file, readConfig(file)), dirname(resolve(file)), options);
}

/**
 * The same for a configuration that is no file. Problems have the lines of it as indented JSON.
 *
 * @param folder absolute; what relative paths in it are relative to
 * @throws ProblemsError
 */
export async function parsePipeline(
  config: object,
  folder: string,
  options: LoadOptions,
): Promise<LoadedPipeline> {
  return check(new YamlDocument('pipeline', Buffer.from(JSON.stringify(config, null, 2))), folder, options);
}

async function check(written: YamlDocument, folder: string, options: LoadOptions): Promise<LoadedPipeline> {
  const {
    value: resolved,
    secrets: found,
    problems: references,
  } = interpolate(withoutNotes(written.value), { env: process.env, folder });
  const secrets = [...found];
  const problems: Problem[] = references.map(({ path, ...what }) => written.problem(path, 'value', what));
  problems.push(...checkTop(written, written.value));
  const plugins = await pluginPaths(resolved, folder);
  const factory = await loadFactory(written, plugins, problems);
  problems.push(...checkDefaults(written, factory));
  const document = new DefaultedDocument(written, factory);
  const runners = checkRunners({ document, value: withDefaults(resolved, factory), factory, problems });
  problems.push(...checkEdges(document, runners), ...checkTargets(document, runners));
  const selected = options.withoutProfiles === true ? [] : selectRunners(runners, options.only ?? []);
  const onSecret = (secret: string) => secrets.push(secret);
  problems.push(...(await checkProfiles(document, selected, options.profileFiles, onSecret)));
  throwProblems(masked(withoutConsequences(problems, references), secrets));
  return { pipeline: { ...toPipeline(written.file, document, runners), folder, plugins }, secrets };
}

/**
 * The varieties that a configuration can use, those of its plug-ins too; nothing else of it is looked at. Without one,
 * those that come with socket-el.
 *
 * @throws ProblemsError when it is not YAML, SocketElError `config.plugin`
 */
export async function loadVarieties(file?: string): Promise<Factory> {
  if (file === undefined) return Factory.load([]);
  const { value } = new YamlDocument(file, readConfig(file));
  const folder = dirname(resolve(file));
  return Factory.load(await pluginPaths(interpolate(value, { env: process.env, folder }).value, folder));
}

/** The document without its `x-` keys, which are only there for their anchors. */
function withoutNotes(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
}

/** What a value is that a reference should have led to says nothing. */
function withoutConsequences(
  problems: readonly Problem[],
  references: readonly { readonly path: DocumentPath }[],
): readonly Problem[] {
  const unresolved = new Set(references.map(({ path }) => pathText(path)));
  const isReference = ({ code }: Problem) => /^environment\.|^config\.reference$/.test(code);
  return problems.filter((problem) => isReference(problem) || !unresolved.has(pathText(problem.path)));
}

/** Messages show what the file says; this catches what a check shows of a resolved value. */
function masked(problems: readonly Problem[], secrets: readonly string[]): readonly Problem[] {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return problems.map((problem) => ({
    ...problem,
    message: redactor.text(problem.message),
    hint: problem.hint && redactor.text(problem.hint),
  }));
}

/** A plug-in that cannot be imported is a problem at its line; the rest is checked without it. */
async function loadFactory(
  document: YamlDocument,
  plugins: readonly string[],
  problems: Problem[],
): Promise<Factory> {
  try {
    return await Factory.load(plugins);
  } catch (error) {
    if (!(error instanceof SocketElError)) throw error;
    const index = plugins.indexOf(error.path ?? '');
    const what = { code: error.code, message: messageOf(error), hint: error.hint };
    problems.push(document.problem(['plugins', index], 'value', what));
    return Factory.load([]);
  }
}

async function pluginPaths(value: unknown, folder: string): Promise<readonly string[]> {
  const { plugins } = (value ?? {}) as { plugins?: unknown };
  if (!Array.isArray(plugins)) return [];
  const names = plugins.filter((plugin) => typeof plugin === 'string');
  return Promise.all(names.map((plugin) => resolvePlugin(plugin, folder)));
}

function readConfig(file: string): Uint8Array {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status?.isFile() && status.size <= MAX_CONFIG_BYTES) return readFileSync(file);
  const got =
    status === undefined ? 'none' : status.isFile() ? `one of ${status.size} bytes` : 'something else';
  throw new SocketElError({
    code: status === undefined || !status.isFile() ? 'config.unreadable' : 'config.size',
    path: file,
    message: `${file}: expected a configuration file, got ${got}`,
    hint: 'give the path of a YAML file with a list runners:, such as config.yml',
  });
}

function selectRunners(runners: readonly CheckedRunner[], only: readonly string[]): readonly CheckedRunner[] {
  return only.length === 0
    ? runners
    : runners.filter(({ name }) => name !== undefined && only.includes(name));
}

function toPipeline(
  file: string,
  document: SourceDocument,
  runners: readonly CheckedRunner[],
): Pick<Pipeline, 'name' | 'runners'> {
  const { name, runners: entries } = document.value as {
    readonly name?: string;
    readonly runners: readonly Readonly<Record<string, unknown>>[];
  };
  return {
    name: name ?? nameOfFile(file),
    runners: runners.map((runner, index) => ({
      name: runner.name as string,
      type: runner.type as RunnerType,
      variety: runner.variety?.name as string,
      dependsOn: runner.type === 'producer' ? runner.dependsOn : [],
      entry: entries[index] as Readonly<Record<string, unknown>>,
      places: placesOf(document, runner.path, Object.keys(entries[index] ?? {})),
    })),
  };
}

function placesOf(
  document: SourceDocument,
  path: DocumentPath,
  keys: readonly string[],
): Readonly<Record<string, string>> {
  const placeOf = (at: DocumentPath) => {
    const { file, line } = document.problem(at, 'key', { code: 'config.value', message: '' });
    return `${file}:${line}`;
  };
  const own = keys.map((key) => [key, placeOf([...path, key])] as const);
  return Object.fromEntries([['', placeOf(path)], ...own]);
}

function nameOfFile(file: string): string {
  const name = basename(file)
    .replace(/\.ya?ml$/i, '')
    .replace(/[^A-Za-z0-9_-]/g, '_')
    .slice(0, 63);
  return NAME_PATTERN.test(name) ? name : 'pipeline';
}
