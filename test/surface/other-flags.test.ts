import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { drives } from '../support/drives.js';
import { createPipelineBench } from '../support/pipeline-bench.js';

const PLUGIN = fileURLToPath(new URL('../support/plugins/faulty.js', import.meta.url));
const TRADES = { name: 'trades', type: 'consumer', variety: 'file', path: 'in.ndjson' };
const INTO_POSTGRES = {
  runners: [TRADES, { name: 'db', type: 'producer', variety: 'postgres', depends_on: ['trades'] }],
};

/** Runs a verb that wants no configuration, or none but one of a plug-in, and gives its standard output. */
async function outputOf(...args: readonly string[]): Promise<string> {
  const bench = await createPipelineBench({ config: { plugins: [PLUGIN], runners: [TRADES] } });
  return (await bench.cli(0, ...args)).stdout;
}

/** Makes a configuration `mine` in a folder of these files, and gives a file of it as text. */
async function initiated(
  file: string,
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const bench = await createPipelineBench({ config: {}, files });
  await bench.cli(0, 'init', 'mine', ...args);
  return readFile(join(bench.folder, file), 'utf8');
}

drives('flag --version', 'the version of the package', async () => {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  expect(await outputOf('--version')).toBe(`${version}\n`);
});

drives('verb init', 'a configuration is written', async () => {
  const text = await initiated('mine.yml', []);
  expect(parse(text)).toMatchObject({
    name: 'mine',
    runners: [{ variety: 'socket' }, { variety: 'postgres' }],
  });
});

drives('flag init --feed', 'the feed that the configuration is for', async () => {
  const { runners } = parse(await initiated('mine.yml', ['--feed', 'kraken'])) as {
    runners: readonly { uri: string }[];
  };
  expect(new URL(runners[0]?.uri as string).hostname).toMatch(/kraken\.com$/);
});

drives('flag init --url-env', 'the variable that the profile has the address from', async () => {
  const text = await initiated('home/.socket_el/profile.yml', ['--url-env', 'WAREHOUSE']);
  expect(parse(text)).toMatchObject({ postgres: { url: `$\{env:WAREHOUSE}` } });
});

drives('flag init --force', 'a configuration that is there is written over', async () => {
  const text = await initiated('mine.yml', ['--force'], { 'mine.yml': 'old: true\n' });
  expect(parse(text)).toMatchObject({ name: 'mine' });
});

drives('verb validate', 'every problem is shown with its place', async () => {
  const config =
    'runners:\n  - {name: trades, type: consumer, variety: file, paht: in.ndjson}\nrunnners: []\n';
  const bench = await createPipelineBench({ config });
  const { stderr } = await bench.cli(2, 'validate', 'config.yml');
  expect(stderr).toMatch(/config\.yml:2:\d+: .*paht[\s\S]*config\.yml:3:1: .*runnners/);
});

drives('flag validate --profile-file', 'the entry of the last file is checked', async () => {
  const good = JSON.stringify({ postgres: { user: 'me', database: 'mine' } });
  const files = { 'good.yml': good, 'bad.yml': good.replace('user', 'usr') };
  const bench = await createPipelineBench({ config: INTO_POSTGRES, files });
  const { stdout } = await bench.cli(
    0,
    'validate',
    'config.yml',
    ...['bad.yml', 'good.yml'].flatMap((file) => ['--profile-file', file]),
  );
  expect(stdout).toContain('no problems');
});

drives('verb varieties', 'what runners can be of', async () => {
  expect(await outputOf('varieties')).toMatch(
    /type: consumer\n[\s\S]* {2}stdin [\s\S]*type: producer\n[\s\S]* {2}console /,
  );
});

drives('flag varieties --config', 'those of plug-ins too', async () => {
  expect(await outputOf('varieties', '--config', 'config.yml')).toMatch(/^ {2}stumbling /m);
});

drives('flag varieties --json', 'one document', async () => {
  expect(JSON.parse(await outputOf('varieties', '--json'))).toContainEqual(
    expect.objectContaining({ type: 'producer', name: 'console' }),
  );
});

drives('verb schema', 'what editors check by', async () => {
  const schema = JSON.parse(await outputOf('schema')) as { properties: object };
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['plugins', 'defaults', 'runners']));
});

drives('flag schema --config', 'with the varieties of plug-ins', async () => {
  expect(await outputOf('schema', '--config', 'config.yml')).toContain('"stumbling"');
});
