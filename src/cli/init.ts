import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SocketElError } from '../utils/errors.js';
import { NAME_PATTERN } from '../utils/settings.js';

interface InitFlags {
  readonly feed: string;
  readonly urlEnv: string;
  readonly force?: boolean;
}

/** The recipes come with the package. */
const RECIPES = fileURLToPath(new URL('../../examples/feeds/', import.meta.url));
const RECIPE_SCHEMA = '$schema=../../docs/reference/config.schema.json';
const SCHEMA_FILE = fileURLToPath(new URL('../../docs/reference/config.schema.json', import.meta.url));
const ENTRY = 'postgres';

/** `socket-el init NAME` */
export function addInit(program: Command): void {
  program
    .command('init')
    .description(
      'Writes a commented configuration NAME.yml, and a profile that has the database’s address from the environment.',
    )
    .argument('<name>', 'name of the pipeline and of the file', pipelineName)
    .addOption(
      new Option('--feed <feed>', 'the feed to begin with; another name prints those that there are').default(
        'generic',
      ),
    )
    .addOption(
      new Option(
        '--url-env <variable>',
        'environment variable that holds postgres://user:password@host/database',
      )
        .argParser(variableName)
        .default('DATABASE_URL'),
    )
    .option('--force', 'write over a NAME.yml that is there')
    .action(init);
}

async function init(name: string, { feed, urlEnv, force }: InitFlags): Promise<void> {
  const config = resolve(`${name}.yml`);
  const text = await recipe(name, feed);
  if (existsSync(config) && force !== true) throw alreadyThere(config);
  const profile = await writeProfile(urlEnv);
  await writeFile(config, text);
  const isSet = process.env[urlEnv] !== undefined;
  const lines = [
    `${name}.yml: written, from the recipe ${feed}`,
    profile,
    'next:',
    ...(isSet ? [] : [`  export ${urlEnv}=postgres://user:password@127.0.0.1:5432/database`]),
    `  socket-el doctor ${name}.yml`,
    `  socket-el run ${name}.yml`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function recipe(name: string, feed: string): Promise<string> {
  const feeds = (await readdir(RECIPES))
    .filter((file) => file.endsWith('.yml'))
    .map((file) => file.slice(0, -4));
  if (!feeds.includes(feed)) {
    throw new SocketElError({
      code: 'usage.argument',
      message: `--feed: expected a feed that there is a recipe for, got "${feed}"`,
      hint: `feeds: ${feeds.join(', ')}; generic is for any other`,
    });
  }
  const text = await readFile(join(RECIPES, `${feed}.yml`), 'utf8');
  return text
    .replace(RECIPE_SCHEMA, `$schema=${SCHEMA_FILE}`)
    .replaceAll(`examples/feeds/${feed}.yml`, `${name}.yml`)
    .replaceAll('examples/feeds/fixtures/', join(RECIPES, 'fixtures/'))
    .replace(/^name: \S+/m, `name: ${name}`);
}

/** Nothing of a profile that is there is changed: it may be in use. @returns what was done, or is to be done */
async function writeProfile(urlEnv: string): Promise<string> {
  const folder = join(homedir(), '.socket_el');
  const entry = `${ENTRY}: {url: '\${env:${urlEnv}}', schema: feeds}`;
  const found = [
    process.env['SOCKET_EL_PROFILE'],
    join(folder, 'profile.yml'),
    join(folder, 'profile.yaml'),
  ].find((file) => file !== undefined && file !== '' && existsSync(file));
  if (found !== undefined)
    return `${found}: left as it is; the configuration uses its entry ${ENTRY}, such as\n  ${entry}`;
  const file = join(folder, 'profile.yml');
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${PROFILE_HEAD}${entry}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(file, 0o600);
  return `${file}: written; it has the address from \${env:${urlEnv}}, and tables go into the schema feeds`;
}

const PROFILE_HEAD = `# Where producers connect. Nobody else may write this file; secrets come from the environment or files:
# \${env:NAME}, \${file:PATH}. Instead of url: user, password, database, host, port, schema, sslmode, sslrootcert.
`;

function alreadyThere(path: string): SocketElError {
  return new SocketElError({
    code: 'usage.argument',
    path,
    message: `expected no file at ${path}, there is one`,
    hint: 'another name, or --force to write over it',
  });
}

function pipelineName(text: string): string {
  if (NAME_PATTERN.test(text)) return text;
  throw new InvalidArgumentError('expected letters, digits, "_" and "-", beginning with a letter or digit');
}

function variableName(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return text;
  throw new InvalidArgumentError('expected the name of an environment variable, not its value');
}
