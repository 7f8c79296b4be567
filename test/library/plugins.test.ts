import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { createTempFolder } from '../support/temp-folder.js';
import { runTool } from '../support/tool.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Puts three rows, by overriding only `read`; `thread` is that of the code itself. */
const ONLY_READ = `
import { threadId } from 'node:worker_threads';
import { Consumer, defineVariety, z } from 'socket-el';

class Three extends Consumer<{ label: string }> {
  override async *read() {
    for (const n of [1, 2, 3]) yield this.chunk(JSON.stringify({ n, label: this.settings.label, thread: threadId }));
  }
}

export const varieties = [
  defineVariety({ type: 'consumer', name: 'three', summary: 'Three.', settings: { label: z.string() },
    create: (settings, context) => new Three(settings, context) }),
];
`;

/** Overrides only \`run\` and \`flush\`, in JavaScript. */
const RUN_AND_FLUSH = `
import { Consumer, defineVariety } from 'socket-el';

class Three extends Consumer {
  async run() {
    await this.context.stage.put([{ n: 1 }, { n: 2 }]);
    this.last = { n: 3 };
  }
  async flush() {
    await this.context.stage.put(this.last);
    await super.flush();
  }
}

export const varieties = [
  defineVariety({ type: 'consumer', name: 'three', summary: 'Three.', settings: {},
    create: (settings, context) => new Three(settings, context) }),
];
`;

interface Row {
  readonly n: number;
  readonly label?: string;
  readonly thread?: number;
}

/** Runs a consumer of the variety three into the console. */
async function runThree(folder: string, plugin: string, more = ''): Promise<readonly Row[]> {
  const config = `plugins: [${plugin}]
runners:
  - {name: in, type: consumer, variety: three${more}}
  - {name: out, type: producer, variety: console, depends_on: [in]}
`;
  await writeFile(join(folder, 'c.yml'), config);
  const cli = startCli(['run', 'c.yml', '--no-progress'], { home: folder, cwd: folder });
  await cli.expectExit(0);
  return cli.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

test('a plug-in in TypeScript that overrides only read runs in its own thread, with nothing installed beside it', async () => {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'three.ts'), ONLY_READ);
  const rows = await runThree(folder, './three.ts', ', label: x');
  expect(rows.map(({ n, label }) => [n, label])).toEqual([1, 2, 3].map((n) => [n, 'x']));
  expect(rows[0]?.thread).toBeGreaterThan(0);
});

test('a plug-in in JavaScript that overrides only run and flush runs, with nothing installed beside it', async () => {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'three.mjs'), RUN_AND_FLUSH);
  expect(await runThree(folder, './three.mjs')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test('a plug-in can be a package that is installed beside the configuration', async () => {
  const folder = await createTempFolder();
  const home = join(folder, 'node_modules/three-plugin');
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'index.js'), RUN_AND_FLUSH);
  await writeFile(
    join(home, 'package.json'),
    '{"name": "three-plugin", "type": "module", "exports": {"import": "./index.js"}}',
  );
  expect(await runThree(folder, 'three-plugin')).toHaveLength(3);
});

test('a plug-in beside another copy of socket-el works with the one that runs it', async () => {
  const folder = await createTempFolder();
  const copy = join(folder, 'node_modules/socket-el');
  await mkdir(copy, { recursive: true });
  await writeFile(
    join(copy, 'package.json'),
    '{"name": "socket-el", "type": "module", "exports": {".": "./index.js", "./package.json": "./package.json"}}',
  );
  await writeFile(
    join(copy, 'index.js'),
    'export class Consumer {}; export const defineVariety = () => ({});',
  );
  await writeFile(join(folder, 'three.mjs'), RUN_AND_FLUSH);
  expect(await runThree(folder, './three.mjs')).toHaveLength(3);
});

test.each([
  ['is not there', './none.ts', undefined],
  ['is no JavaScript', './broken.ts', 'export const varieties = [;'],
  ['throws', './throws.mjs', 'throw new Error("a fault on purpose")'],
  ['exports nothing', './empty.ts', 'export {}'],
  ['is a package that is not installed', 'no-such-package', undefined],
])('a plug-in that %s is a problem at its line', async (_, plugin, text) => {
  const folder = await createTempFolder();
  if (text !== undefined) await writeFile(join(folder, plugin), text);
  await writeFile(
    join(folder, 'c.yml'),
    `plugins: [${plugin}]\nrunners:\n  - {name: in, type: consumer, variety: three}\n`,
  );
  const cli = startCli(['validate', 'c.yml'], { home: folder, cwd: folder });
  await cli.expectExit(2);
  expect(cli.stderr).toContain('c.yml:1:11');
  expect(cli.stderr).toContain('[config.plugin]');
});

test('the varieties and the schema of a configuration have those of its plug-ins', async () => {
  const folder = await createTempFolder();
  await writeFile(join(folder, 'three.ts'), ONLY_READ);
  await writeFile(join(folder, 'c.yml'), 'plugins: [./three.ts]\n');
  const listed = startCli(['varieties', 'three', '--config', 'c.yml'], { home: folder, cwd: folder });
  await listed.expectExit(0);
  expect(listed.stdout).toContain('label: text; required');
  const schema = startCli(['schema', '--config', 'c.yml'], { home: folder, cwd: folder });
  await schema.expectExit(0);
  expect(JSON.parse(schema.stdout).$defs['consumer-three'].properties.label).toEqual({ type: 'string' });
});

test('the example plug-in keeps what every consumer promises', async () => {
  const folder = await createTempFolder();
  await cp(join(ROOT, 'examples/plugin'), folder, { recursive: true });
  await mkdir(join(folder, 'node_modules'));
  await symlink(ROOT, join(folder, 'node_modules/socket-el'));
  const printed = await runTool('npm', ['test'], { cwd: folder });
  expect(printed).toMatch(/# pass 5\n/);
  expect(printed).toMatch(/# fail 0\n/);
}, 60_000);
