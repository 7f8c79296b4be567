import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { drives } from '../support/drives.js';
import { createPipelineBench } from '../support/pipeline-bench.js';

const ENTRY = 'postgres: {user: app, password: canary, database: feeds}\n';

function config(profile: string): string {
  return `runners:
  - {name: trades, type: consumer, variety: file, path: in.ndjson}
  - {name: db, type: producer, variety: postgres, profile: ${profile}, depends_on: [trades]}
`;
}

/** Checks that `validate` refuses a profile with exit code 2, and says nothing of what is in it. */
async function expectRefused(files: Readonly<Record<string, string>>, said: RegExp, ...args: string[]) {
  const bench = await createPipelineBench({ config: config('postgres'), files });
  const { stderr } = await bench.cli(2, 'validate', 'config.yml', ...args);
  expect(stderr).toMatch(said);
  expect(stderr).not.toContain('canary');
}

drives('code profile.ambiguous', 'two profile files where one is expected', async () => {
  const files = { 'home/.socket_el/profile.yml': ENTRY, 'home/.socket_el/profile.yaml': ENTRY };
  await expectRefused(files, /\[profile\.ambiguous\]/);
});

drives('code profile.missing', 'a profile file that is not there', async () => {
  await expectRefused(
    {},
    /nowhere\.yml[\s\S]*profile\.missing|profile\.missing[\s\S]*nowhere\.yml/,
    '--profile-file',
    'nowhere.yml',
  );
});

drives('code profile.unknown', 'an entry that no profile file has', async () => {
  const files = { 'home/.socket_el/profile.yml': ENTRY.replace('postgres', 'postgers') };
  await expectRefused(files, /^config\.yml:3:60: .*\[profile\.unknown\][\s\S]*did you mean postgers/);
});

drives('code profile.unsafe', 'a profile file that others can write', async () => {
  const bench = await createPipelineBench({ config: config('postgres'), files: { 'profile.yml': ENTRY } });
  await chmod(join(bench.folder, 'profile.yml'), 0o666);
  const { stderr } = await bench.cli(2, 'validate', 'config.yml', '--profile-file', 'profile.yml');
  expect(stderr).toMatch(/\[profile\.unsafe\][\s\S]*chmod 600/);
});
