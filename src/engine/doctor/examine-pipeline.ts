import type { Batch } from '../../stages/stage.js';
import type { Redactor } from '../../utils/redaction.js';
import { ComponentBuilder } from '../component-builder.js';
import type { Pipeline } from '../pipeline.js';
import { examineSink } from './examine-sink.js';
import { examineSource, type RunnerFindings, type SourceFindings } from './examine-source.js';
import { type PlaceOf, readPlaces } from './places.js';
import type { DoctorReport, RunnerReport } from './report.js';

/** What an examination needs beside the pipeline. */
export interface DoctorOptions {
  readonly config: string;
  /** Names of the runners to look at; all when empty. */
  readonly only: readonly string[];
  /** So long is waited for the first row of each source. */
  readonly waitMs: number;
  readonly profileFiles: readonly string[];
  /** Knows the secrets of the configuration, is told those of the profiles, and masks all in the report. */
  readonly redactor: Redactor;
}

/**
 * Connects to the sources and sinks of a pipeline that was validated, and says what stands in the way of a run. Writes
 * nothing anywhere and takes no lock, so a run of the same pipeline may be under way.
 */
export async function examinePipeline(pipeline: Pipeline, options: DoctorOptions): Promise<DoctorReport> {
  const found = await examineAll(pipeline, options);
  const { config, redactor } = options;
  const runners = toReports(pipeline, found, readPlaces(config));
  const ok = runners.every((runner) => runner.ok);
  return masked({ pipeline: pipeline.name, config, ok, runners }, redactor);
}

/** Sources first: what comes of them is what the sinks are asked about. */
async function examineAll(
  pipeline: Pipeline,
  options: DoctorOptions,
): Promise<ReadonlyMap<string, RunnerFindings>> {
  const { only } = options;
  const builder = await ComponentBuilder.load(pipeline);
  const chosen = pipeline.runners.filter(({ name }) => only.length === 0 || only.includes(name));
  const namesOf = (type: string) => chosen.filter((runner) => runner.type === type).map(({ name }) => name);
  const found = new Map<string, RunnerFindings>();
  const { folder } = pipeline;
  const looks = namesOf('consumer').map((name) =>
    examineSource({ ...options, builder, name, folder }).then((source) => [name, source] as const),
  );
  for (const [name, source] of await Promise.all(looks)) found.set(name, source);
  const samples = samplesOf(found);
  const sinks = namesOf('producer').map((name) =>
    examineSink({ ...options, builder, pipeline, name, samples }).then((sink) => [name, sink] as const),
  );
  for (const [name, sink] of await Promise.all(sinks)) found.set(name, sink);
  return found;
}

/** Plain data with every text masked. */
function masked<T>(value: T, redactor: Redactor): T {
  if (typeof value === 'string') return redactor.text(value) as T;
  if (Array.isArray(value)) return value.map((item) => masked(item, redactor)) as T;
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, item]) => [key, masked(item, redactor)]);
  return Object.fromEntries(entries) as T;
}

function samplesOf(found: ReadonlyMap<string, SourceFindings>): ReadonlyMap<string, Batch> {
  const pairs = [...found].map(([name, { sample }]) => [name, sample] as const);
  return new Map(pairs.filter((pair): pair is readonly [string, Batch] => pair[1] !== undefined));
}

function toReports(
  pipeline: Pipeline,
  found: ReadonlyMap<string, RunnerFindings>,
  placeOf: PlaceOf,
): readonly RunnerReport[] {
  return pipeline.runners.flatMap(({ name, type, variety }, index) => {
    const what = found.get(name);
    if (what === undefined) return [];
    const findings = what.findings.map(({ key, ...finding }) => ({ ...finding, place: placeOf(index, key) }));
    const ok = findings.every(({ state }) => state !== 'problem');
    const { facts, messages, row } = what;
    return [{ name, type, variety, place: placeOf(index), ok, findings, facts, messages, row }];
  });
}
