import { readdirSync } from 'node:fs';
import { checkVersion } from './check-version.mjs';
import { consoleConfig } from './readme-config.mjs';

/** After how many messages a run ends; what was read together with the last of them comes too. */
export const MESSAGES = 100;

/**
 * @param {string} what for the error
 * @param {readonly number[]} numbers of messages; the feed counts them
 * @returns {number} how many there are
 * @throws unless there are enough, each once and none left out
 */
export function assertGapless(what, numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const isGapless = sorted.every((number, index) => number === sorted[0] + index);
  if (isGapless && numbers.length >= MESSAGES) return numbers.length;
  const found = `${numbers.length}, from ${sorted[0]} to ${sorted.at(-1)}`;
  throw new Error(`${what}: expected at least ${MESSAGES}, each once and none left out, got ${found}`);
}

/**
 * The README's first steps, without a database.
 *
 * @param {import('./trial.mjs').Trial} trial
 * @param {string} feedUrl
 * @returns {Promise<void>} rejects with what was not as expected
 */
export async function tryQuickStart(trial, feedUrl) {
  await checkVersion(trial.where);
  const good = consoleConfig(trial.readme, feedUrl);
  const [consumer, ...others] = good.runners;
  const bad = trial.writeConfig('bad', { runners: [{ ...consumer, uri: 'htp://x' }, ...others] });
  const { stderr } = await trial.socketEl(['validate', bad], { exitCode: 2 });
  if (!stderr.includes('runners[0].uri')) throw new Error(`validate: expected the place, got ${stderr}`);
  const config = trial.writeConfig('printed', good);
  await trial.socketEl(['validate', config]);
  const { stdout } = await trial.socketEl(['run', config, '--max-messages', String(MESSAGES)]);
  const count = assertGapless('rows printed', numbersIn(stdout));
  const left = readdirSync(trial.home);
  if (left.length > 0) throw new Error(`HOME: expected nothing in it, got ${left.join(', ')}`);
  await tryInit(trial);
  console.log(`quick start: ${count} rows printed`);
}

/**
 * The recipes come with the package.
 *
 * @param {import('./trial.mjs').Trial} trial
 */
async function tryInit(trial) {
  await trial.socketEl(['init', 'market', '--feed', 'kraken']);
  const env = { DATABASE_URL: 'postgres://user:password@127.0.0.1:5432/database' };
  await trial.socketEl(['validate', 'market.yml'], { env });
}

/** @param {string} printed a JSON object a line */
function numbersIn(printed) {
  const lines = printed.trim().split('\n');
  return lines.map((line) => JSON.parse(line).seq);
}
