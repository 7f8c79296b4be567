import { expect, test } from 'vitest';
import { waitAfter } from '../../src/producers/wait-after.js';
import { BlockedError, SocketElError, TransientError } from '../../src/utils/errors.js';
import type { LogRecord } from '../../src/utils/logger.js';
import { RetryNotice } from '../../src/utils/retry-notice.js';

function gatherLog() {
  const records: LogRecord[] = [];
  return { records, logger: { log: (record: LogRecord) => void records.push(record) } };
}

test('a sink that is blocked is asked again after 30 s, with what to do in the log each time', () => {
  const { records, logger } = gatherLog();
  const error = new BlockedError({ code: 'sink.refused', message: 'no rights', hint: 'GRANT …' });
  expect([waitAfter(error, new RetryNotice(), logger), waitAfter(error, new RetryNotice(), logger)]).toEqual([
    30_000, 30_000,
  ]);
  const said = {
    level: 'error',
    message: 'blocked, the data waits in the stage: no rights',
    code: 'sink.refused',
  };
  expect(records).toMatchObject([said, { ...said, hint: 'GRANT …' }]);
});

test('what passes by itself is tried again, no sooner than the peer wants, and told less and less', () => {
  const { records, logger } = gatherLog();
  const retries = new RetryNotice();
  const error = new TransientError({ code: 'sink.connection', message: 'away', retryAfterMs: 20_000 });
  for (let i = 0; i < 10; i++) expect(waitAfter(error, retries, logger)).toBeGreaterThanOrEqual(20_000);
  expect(records).toHaveLength(3);
  expect(records[0]).toMatchObject({ level: 'warn', code: 'sink.connection' });
  expect(records[0]?.message).toMatch(/^away; trying again in \d+ ms$/);
});

test('anything else is not waited for', () => {
  const { records, logger } = gatherLog();
  const error = new SocketElError({ code: 'stage.damaged', message: 'damaged' });
  expect(() => waitAfter(error, new RetryNotice(), logger)).toThrow(error);
  expect(records).toEqual([]);
});
