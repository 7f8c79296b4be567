import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { interpolate } from '../../utils/document/interpolate.js';
import { type Problem, throwProblems } from '../../utils/document/problem.js';
import { YamlDocument } from '../../utils/document/yaml-document.js';
import { SocketElError } from '../../utils/errors.js';
import { NAME_PATTERN } from '../../utils/settings.js';
import type { Pipeline } from '../pipeline.js';
import { checkEdges } from './check-edges.js';
import { checkProfiles } from './check-profiles.js';
import { type CheckedRunner, checkRunners } from './check-runner.js';
import { checkTop } from './check-top.js';

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
}

/**
 * Reads and checks a configuration as a whole.
 *
 * @throws ProblemsError with every problem, each with file, line and column
 */
export async function loadPipeline(file: string, options: LoadOptions): Promise<LoadedPipeline> {
  const document = new YamlDocument(file, readConfig(file));
  const folder = dirname(resolve(file));
  const raw = document.value;
  const { value, secrets: found, problems: references } = interpolate(raw, { env: process.env, folder });
  const secrets = [...found];
  const problems: Problem[] = references.map(({ path, ...what }) => document.problem(path, 'value', what));
  problems.push(...checkTop(document, raw));
  const runners = checkRunners(document, value, problems);
  problems.push(...checkEdges(document, runners));
  const selected = selectRunners(runners, options.only ?? []);
  problems.push(...(await checkProfiles(document, selected, options.profileFiles, (secret) => secrets.push(secret))));
  throwProblems(problems);
  return { pipeline: toPipeline(file, folder, raw, runners), secrets };
}

function readConfig(file: string): Uint8Array {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status?.isFile() && status.size <= MAX_CONFIG_BYTES) return readFileSync(file);
  const got = status === undefined ? 'none' : status.isFile() ? `one of ${status.size} bytes` : 'something else';
  throw new SocketElError({
    code: status === undefined || !status.isFile() ? 'config.unreadable' : 'config.size',
    path: file,
    message: `${file}: expected a configuration file, got ${got}`,
    hint: 'give the path of a YAML file with a list runners:, such as config.yml',
  });
}

function selectRunners(runners: readonly CheckedRunner[], only: readonly string[]): readonly CheckedRunner[] {
  return only.length === 0 ? runners : runners.filter(({ name }) => name !== undefined && only.includes(name));
}

function toPipeline(file: string, folder: string, raw: unknown, runners: readonly CheckedRunner[]): Pipeline {
  const { name, runners: entries } = raw as { name?: string; runners: readonly Record<string, unknown>[] };
  return {
    name: name ?? nameOfFile(file),
    folder,
    runners: runners.map((runner, index) => ({
      name: runner.name as string,
      type: runner.type as NonNullable<CheckedRunner['type']>,
      variety: runner.variety as string,
      dependsOn: runner.type === 'producer' ? runner.dependsOn : [],
      entry: entries[index] as Record<string, unknown>,
    })),
  };
}

function nameOfFile(file: string): string {
  const name = basename(file)
    .replace(/\.ya?ml$/i, '')
    .replace(/[^A-Za-z0-9_-]/g, '_')
    .slice(0, 63);
  return NAME_PATTERN.test(name) ? name : 'pipeline';
}
