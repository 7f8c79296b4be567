import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { createPipelineBench } from '../support/pipeline-bench.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLUGIN = join(ROOT, 'examples/plugin/src/lines.ts');
/** The entries that profiles of the pages name. */
const PROFILE = ['postgres', 'warehouse']
  .map((name) => `${name}: {url: 'postgres://app@127.0.0.1/feeds'}\n`)
  .join('');

/** Pages that people write; those below `reference` are printed. */
function listPages(): readonly string[] {
  const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const written = inDocs.filter((name) => name.endsWith('.md') && !name.startsWith('reference/'));
  return [
    'README.md',
    'CONTRIBUTING.md',
    'examples/feeds/README.md',
    ...written.map((name) => join('docs', name)),
  ];
}

/** A fenced block, from the line behind its fence. */
interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

function blocksOf(page: string): readonly Block[] {
  const parts = readFileSync(join(ROOT, page), 'utf8').split(/^```(\w*)\n?/m);
  let line = 1;
  return parts.flatMap((text, i) => {
    const from = line;
    line += text.split('\n').length - 1 + (i % 2);
    // Outside and inside take turns, with the word behind each fence between them.
    return i % 4 === 2 ? [{ page, line: from, language: parts[i - 1] as string, text }] : [];
  });
}

const CONFIGURATIONS = listPages()
  .flatMap(blocksOf)
  .filter(({ language, text }) => language === 'yaml' && /^runners:/m.test(text));

test.each(CONFIGURATIONS)('the configuration at $page:$line is without problems', async ({ text }) => {
  const plugin = await readFile(PLUGIN, 'utf8');
  const files = { 'lines.ts': plugin, 'my-feed.ts': plugin, 'home/.socket_el/profile.yml': PROFILE };
  const bench = await createPipelineBench({ config: text, files });
  const { stdout } = await bench.cli(0, 'validate', 'config.yml');
  expect(stdout).toContain('no problems');
});

test('there are configurations and commands to look at', () => {
  expect(CONFIGURATIONS.length).toBeGreaterThan(8);
  const inShell = listPages().filter((page) =>
    shellLines(page).some((line) => line.startsWith('socket-el ')),
  );
  expect(inShell).toEqual(
    expect.arrayContaining(['README.md', 'docs/tasks/first-feed.md', 'docs/tasks/day-and-night.md']),
  );
});

/** Lines of blocks that are for a shell, or name no language. */
function shellLines(page: string): readonly string[] {
  const blocks = blocksOf(page).filter(({ language }) => ['', 'sh'].includes(language));
  return blocks.flatMap(({ text }) => text.split('\n'));
}

/** What a line of a shell, or what stands in backquotes, asks of the command: its words up to a pipe or a comment. */
function commandsIn(page: string): readonly (readonly string[])[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] as string);
  return [...shellLines(page), ...quoted].flatMap((line) => {
    const match = /(?:^|[|&] )socket-el ([a-z][^|#>&]*)/.exec(line);
    return match === null ? [] : [(match[1] as string).trim().split(/\s+/)];
  });
}

function verbOf(words: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } {
  let command: Command = createProgram();
  let used = 0;
  for (let child: Command | undefined = command; child !== undefined; used++) {
    command = child;
    child = command.commands.find((one) => one.name() === words[used]);
  }
  return { command, rest: words.slice(used - 1) };
}

describe.each(listPages())('%s', (page) => {
  test('asks for verbs and options that there are', () => {
    for (const words of commandsIn(page)) {
      const { command, rest } = verbOf(words);
      expect(command.parent, `socket-el ${words.join(' ')}`).not.toBeNull();
      const known = command.options.map(({ long }) => long);
      for (const option of rest.filter((word) => word.startsWith('--') && word !== '--help'))
        expect(known, `socket-el ${words.join(' ')}`).toContain(option.replace(/=.*/, ''));
    }
  });

  test('links to what is there', () => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)].map((match) => match[1] as string);
    const missing = links.filter((link) => !existsSync(resolve(ROOT, dirname(page), link)));
    expect(missing).toEqual([]);
  });
});
