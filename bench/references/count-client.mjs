import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from '../../scripts/root.mjs';
import { Child } from '../harness/child.mjs';

const PROGRAM = join(ROOT, 'bench/references/count-messages.mjs');

/**
 * The bare `ws` client, which counts the messages of the feed and keeps none.
 *
 * @param {import('../harness/feed.mjs').Feed} feed
 * @param {number} count
 * @returns {() => Promise<import('../harness/rounds.mjs').Sample>}
 */
export function countClient(feed, count) {
  return async () => {
    feed.forget();
    const child = new Child(process.execPath, [PROGRAM, `${feed.url}/counted?count=${count}`, String(count)]);
    const said = text(child.stdout);
    const first = await feed.next('first');
    await child.exit();
    const { atMs, cpuSeconds } = JSON.parse(await said);
    return { ms: atMs - first.atMs, fromStartMs: atMs - child.startedMs, cpuSeconds };
  };
}
