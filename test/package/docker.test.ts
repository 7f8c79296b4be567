import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { startCli } from '../support/cli.js';
import { createTempFolder } from '../support/temp-folder.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly volumes?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: Readonly<Record<string, { readonly file?: string; readonly content?: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const readCompose = async (): Promise<Compose> => parse(await read('compose.yaml'), { merge: true });

/** As compose gives it to the container: there two dollar signs are one. */
async function contentOf({ file, content }: { file?: string; content?: string }): Promise<string> {
  return file === undefined ? (content ?? '').replaceAll('$$', '$') : read(file);
}

/** Without quotes an argument with a colon in it would be a map. */
test('compose.yaml names only what it has, and every argument is a text', async () => {
  const { services, configs, volumes } = await readCompose();
  for (const { command = [], healthcheck, ...service } of Object.values(services)) {
    const words = [...command, ...(healthcheck?.test ?? [])];
    expect(words.filter((word) => typeof word !== 'string')).toEqual([]);
    expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(service.depends_on ?? {})));
    for (const { source } of service.configs ?? []) expect(Object.keys(configs)).toContain(source);
    for (const volume of service.volumes ?? []) expect(Object.keys(volumes)).toContain(volume.split(':')[0]);
  }
});

test('what compose.yaml runs is a configuration and a profile without problems', async () => {
  const { services, configs } = await readCompose();
  const folder = await createTempFolder();
  const places = new Map<string, string>();
  for (const { source, target } of services['engine']?.configs ?? []) {
    places.set(target, join(folder, source));
    await writeFile(join(folder, source), await contentOf(configs[source] ?? {}), { mode: 0o600 });
  }
  const [, config = '', option = '', profile = ''] = services['engine']?.command ?? [];
  const args = ['validate', places.get(config) ?? config, option, places.get(profile) ?? profile];
  const cli = startCli(args, { home: folder, cwd: folder, env: { POSTGRES_PASSWORD: 'secret' } });
  await cli.expectExit(0);
  expect(cli.stderr).toBe('');
});

test('the image can be built from what .dockerignore leaves: all that the package has', async () => {
  const { files } = JSON.parse(await read('package.json')) as { files: string[] };
  const left = (await read('.dockerignore')).split('\n').filter((line) => line.startsWith('!'));
  const sources = files.filter((file) => file !== 'dist' && !file.startsWith('!'));
  expect(left).toEqual(expect.arrayContaining(sources.map((file) => `!${file}`)));
});
