import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadPipeline } from '../../src/engine/config/load-pipeline.js';
import { ProblemsError } from '../../src/utils/document/problem.js';
import {
  type ConfigFixture,
  copyProfile,
  listFixtures,
  type PrintedProblem,
  parsePrinted,
} from '../support/config-fixtures.js';

const WITHIN_MS = 1000;

function setEnvironment(env: Readonly<Record<string, string>>): void {
  Object.assign(process.env, env);
  onTestFinished(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
}

/** What loading prints; nothing when the configuration is good. */
async function load(fixture: ConfigFixture): Promise<string> {
  setEnvironment(fixture.env);
  const profileFiles = await copyProfile(fixture);
  try {
    await loadPipeline(fixture.path, { profileFiles });
    return '';
  } catch (error) {
    if (error instanceof ProblemsError) return error.message;
    throw error;
  }
}

/** The character that the caret must point at; one that cannot be shown has a space or a mark in its place. */
function characterAt({ path, profile }: ConfigFixture, { place, line, column }: PrintedProblem): string {
  const file = [path, profile].find((each) => each && place.startsWith(`${basename(each)}:`));
  const text = readFileSync(file as string, 'utf8').replace(/^\u{feff}/u, '');
  const character = text.split(/\r?\n/)[line - 1]?.[column - 1] ?? '';
  return character === '\t' ? ' ' : character;
}

describe.each(listFixtures())('$title', (fixture) => {
  test('has the problems that it says, in time, and no others', async () => {
    const startedAt = performance.now();
    const printed = await load(fixture);
    const elapsedMs = performance.now() - startedAt;
    const places = parsePrinted(printed).map(({ place }) => place);
    expect(places.toSorted(), printed.slice(0, 4000)).toEqual(fixture.expected);
    expect(elapsedMs).toBeLessThan(WITHIN_MS);
  });

  if (fixture.expected.length === 0) return;

  test('shows the line and a caret below the place', async () => {
    const problems = parsePrinted(await load(fixture));
    const inText = problems.filter(
      ({ place }) => !place.endsWith(' config.encoding') && !place.includes('.profile.'),
    );
    for (const problem of inText)
      expect(problem.pointedAt, problem.text.slice(0, 2000)).toBe(characterAt(fixture, problem));
  });
});
