import { describe, test } from 'vitest';
import type * as Testing from '../../src/testing/index.js';
import { importBuilt } from '../support/built.js';
import { serveHttp } from '../support/http-source.js';
import { startFeed } from '../support/live-feed.js';

const { consumerContract } = await importBuilt<typeof Testing>('testing/index.js');

/** The settings of a variety for a source that was started for one case. */
const SOURCES: Readonly<Record<string, () => Promise<Readonly<Record<string, unknown>>>>> = {
  socket: async () => {
    const feed = await startFeed();
    await feed.openLive('/trades', { seed: 1, rate: 200 });
    return { variety: 'socket', uri: feed.uri('/trades') };
  },
  'http with a cursor': async () => {
    const { url } = await serveHttp(({ query }) => {
      const from = Number(query['after'] ?? 0);
      return { body: [1, 2, 3].map((n) => ({ n: from + n })) };
    });
    return { variety: 'http', uri: url, poll_interval: '50ms', cursor: { parameter: 'after', from: '/*/n' } };
  },
  'http without a cursor': async () => {
    let n = 0;
    const { url } = await serveHttp(() => ({ body: { n: ++n } }));
    return { variety: 'http', uri: url, poll_interval: '50ms' };
  },
};

for (const [name, start] of Object.entries(SOURCES)) {
  describe(name, () => {
    consumerContract({ settings: {} }).forEach(({ title }, index) => {
      test(title, async () => {
        const consumer = { settings: await start() };
        await consumerContract(consumer)[index]?.run();
      }, 60_000);
    });
  });
}
