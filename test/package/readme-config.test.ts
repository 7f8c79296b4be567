import { expect, test } from 'vitest';
import { consoleConfig, postgresConfig } from '../../scripts/package/readme-config.mjs';

const README = `# x

\`\`\`yaml
runners:
  - {name: trades, type: consumer, variety: socket, uri: 'ws://127.0.0.1:8000/trades'}
  - {name: warehouse, type: producer, variety: postgres, depends_on: [trades], profile: postgres}
\`\`\`

\`\`\`yaml
postgres: {user: me}
\`\`\`
`;
const FEED = 'ws://127.0.0.1:4711';
const CONSUMER = { name: 'trades', type: 'consumer', variety: 'socket', uri: `${FEED}/trades` };
const PRODUCER = { name: 'warehouse', type: 'producer', depends_on: ['trades'] };

test('the README’s configuration is tried with the feed’s address', () => {
  const loads = { ...PRODUCER, variety: 'postgres', profile: 'postgres' };
  expect(postgresConfig(README, FEED)).toEqual({ runners: [CONSUMER, loads] });
});

test('without a database its rows are printed', () => {
  expect(consoleConfig(README, FEED)).toEqual({ runners: [CONSUMER, { ...PRODUCER, variety: 'console' }] });
});

test('a README that begins with another block says what was expected', () => {
  expect(() => postgresConfig('```yaml\npostgres: {}\n```\n', FEED)).toThrow(
    /^README\.md: expected a config/,
  );
});
