import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { drives } from '../support/drives.js';
import { createPipelineBench, type PipelineFiles } from '../support/pipeline-bench.js';

const TRADES = '{name: trades, type: consumer, variety: file, path: in.ndjson}';
const SCREEN = '{name: screen, type: producer, variety: console, depends_on: [trades]}';

/** A configuration with these runners, each a YAML map in braces. */
function withRunners(...runners: readonly string[]): string {
  return `runners:\n${runners.map((runner) => `  - ${runner}\n`).join('')}`;
}

/** Checks that `validate` refuses it with exit code 2, and tells one problem, at this place: line, column and code. */
function refused(
  config: PipelineFiles['config'] | Uint8Array,
  said: string,
  files: PipelineFiles['files'] = {},
) {
  return async () => {
    const bench = await createPipelineBench({
      config: '',
      files: { ...files, 'config.yml': config as string },
    });
    const { stderr, stdout } = await bench.cli(2, 'validate', 'config.yml');
    const [place, code] = said.split(' ');
    expect(stderr).toMatch(new RegExp(`^config\\.yml:${place}: .* \\[${code}\\]$`, 'm'));
    expect(stderr).toMatch(/\n1 problem\n$/);
    expect(stdout).toBe('');
  };
}

drives(
  'code config.cycle',
  'producers that depend on each other',
  refused(
    withRunners(TRADES, '{name: a, type: producer, variety: console, depends_on: [a]}'),
    '3:62 config.cycle',
  ),
);
drives(
  'code config.duplicate',
  'a name that is there twice',
  refused(withRunners(TRADES, TRADES, SCREEN), '3:12 config.duplicate'),
);
drives(
  'code config.encoding',
  'a file that is not UTF-8',
  refused(Buffer.from(`# caf\xe9\n${withRunners(TRADES)}`, 'latin1'), '1:6 config.encoding'),
);
drives(
  'code config.missing',
  'a key that is needed and not there',
  refused(withRunners('{name: trades, type: consumer, variety: file}'), '2:5 config.missing'),
);
drives(
  'code config.plugin',
  'a plug-in without varieties',
  refused(`plugins: [./none.mjs]\n${withRunners(TRADES)}`, '1:11 config.plugin', {
    'none.mjs': 'export const nothing = [];\n',
  }),
);
drives(
  'code config.range',
  'a number that is too small',
  refused(
    withRunners('{name: trades, type: consumer, variety: file, path: a, batch_configuration: {size: 0}}'),
    '2:88 config.range',
  ),
);
drives(
  'code config.reference',
  'a producer that depends on a producer',
  refused(
    withRunners(TRADES, SCREEN, SCREEN.replace('screen', 'other').replace('trades', 'screen')),
    '4:66 config.reference',
  ),
);
drives(
  'code config.tabs',
  'a tab that indents',
  refused('runners:\n\t- {name: trades}\n', '2:1 config.tabs'),
);
drives(
  'code config.type',
  'a list where a map is expected',
  refused(
    withRunners('{name: trades, type: consumer, variety: file, path: a, stage: [here]}'),
    '2:67 config.type',
  ),
);
drives(
  'code config.unknown_key',
  'a key that is not known',
  refused(
    withRunners('{name: trades, type: consumer, variety: file, path: a, pth: b}'),
    '2:60 config.unknown_key',
  ),
);
drives(
  'code config.unknown_name',
  'a variety that is not known',
  refused(withRunners('{name: trades, type: consumer, variety: fil, path: a}'), '2:45 config.unknown_name'),
);
drives(
  'code config.value',
  'an address of another scheme',
  refused(
    withRunners('{name: trades, type: consumer, variety: socket, uri: "ftp://here"}'),
    '2:58 config.value',
  ),
);
drives('code config.yaml', 'a file that is not YAML', refused('runners: [\n', '1:11 config.yaml'));
drives(
  'code environment.missing_variable',
  'a variable that is not set',
  refused(
    withRunners(`{name: trades, type: consumer, variety: file, path: "\${env:NOT_SET_ANYWHERE}"}`),
    '2:57 environment.missing_variable',
  ),
);
drives(
  'code environment.unreadable_file',
  'a file that a reference names and that is not there',
  refused(
    withRunners(`{name: trades, type: consumer, variety: file, path: "\${file:./nowhere}"}`),
    '2:57 environment.unreadable_file',
  ),
);

drives('code config.unreadable', 'a configuration that is not there', async () => {
  const bench = await createPipelineBench({ config: withRunners(TRADES) });
  const { stderr } = await bench.cli(2, 'validate', 'cnofig.yml');
  expect(stderr).toContain('cnofig.yml: expected a configuration file, got none  [config.unreadable]');
});

drives('code config.size', 'a configuration that is too large', async () => {
  const bench = await createPipelineBench({ config: withRunners(TRADES) });
  await truncate(join(bench.folder, 'config.yml'), 65 * 1024 * 1024);
  const { stderr } = await bench.cli(2, 'validate', 'config.yml');
  expect(stderr).toContain('[config.size]');
});

drives('code usage.argument', 'an option with a value that it cannot have', async () => {
  const bench = await createPipelineBench({ config: withRunners(TRADES) });
  const { stderr } = await bench.cli(2, 'run', 'config.yml', '--only', 'trade');
  expect(stderr).toMatch(/--only: .*"trade".* \[usage\.argument\]/);
});
