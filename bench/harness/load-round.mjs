import { Pipeline, writeConfig } from './pipeline.mjs';
import { createTempFolder } from './temp-folder.mjs';

/** @typedef {import('./rounds.mjs').Sample} Sample */

/**
 * The runners of a pipeline from one feed into one table.
 *
 * @param {object} given
 * @param {string} given.uri
 * @param {number} given.size messages a batch
 * @param {Record<string, unknown>} [given.consumer] further keys
 * @param {Record<string, unknown>} [given.producer] further keys
 */
export function loadingRunners({ uri, size, consumer = {}, producer = {} }) {
  return [
    {
      name: 'trades',
      type: 'consumer',
      variety: 'socket',
      uri,
      // A wide batch of 50,000 messages has more bytes than the default allows.
      batch_configuration: { size, bytes: '64MiB' },
      ...consumer,
    },
    {
      name: 'warehouse',
      type: 'producer',
      variety: 'postgres',
      depends_on: ['trades'],
      profile: 'postgres',
      ...producer,
    },
  ];
}

/**
 * Runs a pipeline in a folder of its own as long as something takes.
 *
 * @param {object} given
 * @param {readonly Record<string, unknown>[]} given.runners
 * @param {Record<string, unknown>} given.profile
 * @param {readonly string[]} given.args
 * @param {(pipeline: Pipeline, folder: string) => Promise<Sample>} during
 * @returns {Promise<Sample>} with its usage
 */
export async function withPipeline({ runners, profile, args }, during) {
  const folder = createTempFolder();
  try {
    writeConfig(folder.path, runners, profile);
    return await runIn(folder.path, args, (pipeline) => during(pipeline, folder.path));
  } finally {
    folder.remove();
  }
}

/**
 * Runs the pipeline of a folder as long as something takes, then waits for its end.
 *
 * @param {string} folder
 * @param {readonly string[]} args
 * @param {(pipeline: Pipeline) => Promise<Sample>} during
 * @returns {Promise<Sample>} with its usage
 */
export async function runIn(folder, args, during) {
  const pipeline = new Pipeline(folder, args);
  try {
    const sample = await pipeline.during(during(pipeline));
    await pipeline.end();
    return { ...sample, ...pipeline.usage() };
  } catch (error) {
    await pipeline.kill().catch(() => {});
    throw error;
  }
}

/**
 * One round of feed → stage → table. The clock begins when the feed sends its first frame and ends when another
 * connection sees the last row.
 *
 * @param {import('./bench.mjs').Bench} bench
 * @param {object} given
 * @param {import('./feed.mjs').Feed} given.feed
 * @param {readonly Record<string, unknown>[]} given.runners
 * @param {number} given.messages
 * @returns {Promise<Sample>}
 */
export async function loadRound({ database }, { feed, runners, messages }) {
  feed.forget();
  const serverBefore = database.cpuSeconds();
  const args = ['--max-messages', String(messages)];
  const sample = await withPipeline({ runners, profile: database.profile, args }, async (pipeline) => {
    const { atMs: firstMs } = await feed.next('first');
    const seenMs = await database.untilLoaded(messages);
    return { ms: seenMs - firstMs, fromStartMs: seenMs - pipeline.startedMs };
  });
  return { ...sample, serverCpuSeconds: database.cpuSeconds() - serverBefore };
}
