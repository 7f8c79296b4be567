import { expect, test } from 'vitest';
import { contentProblems, hasPathBelow } from '../../scripts/package/contents.mjs';

const WHOLE = [
  ...['CHANGELOG.md', 'LICENSE', 'NOTICE', 'README.md', 'package.json'],
  ...['config.example.yml', 'profiles.example.yml'],
  ...['bin/socket-el.js', 'dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js', 'dist/copy-rows.wasm'],
  ...[
    'docs/reference/config.schema.json',
    'examples/feeds/kraken.yml',
    'examples/feeds/fixtures/kraken.ndjson',
  ],
];

test('a package with all that belongs into it has no problems', () => {
  expect(contentProblems(WHOLE)).toEqual([]);
});

test.each([
  'dist/index.js.map',
  'dist/.tsbuildinfo',
  'src/index.ts',
  'docs/stage.md',
  'examples/plugin/config.yml',
  'examples/feeds/stage/trades/stage.json',
  '.env',
])('%s is too much', (file) => {
  expect(contentProblems([...WHOLE, file])).toEqual([`${file}: not expected in the package`]);
});

test('what is missing is named', () => {
  const without = WHOLE.filter((file) => file !== 'NOTICE' && !file.startsWith('examples/'));
  expect(contentProblems(without)).toEqual([
    'NOTICE: expected in the package, it is not there',
    'examples: expected in the package, it is not there',
  ]);
});

test.each([
  ['const at = "/home/me/code/src/a.ts";', true],
  ['file:///home/me/code/src/a.ts', true],
  ['C:\\build\\src', true],
  ['see /home/media/x and ./home/me/code/x', false],
  ['/srv/home/me/code.js', false],
])('%s: is a path below /home/me/code or C:\\build: %s', (content, expected) => {
  expect(hasPathBelow(content, ['/home/me/code', 'C:\\build'])).toBe(expected);
});

test('the root folder as home says nothing', () => {
  expect(hasPathBelow('/usr/bin/env', ['/'])).toBe(false);
});
