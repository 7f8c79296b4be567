import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { SocketElError } from '../utils/errors.js';
import { wholeNumberOption } from './option-values.js';

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly rate: number;
  readonly count?: number;
  readonly seed: number;
  readonly replay?: string;
  readonly close?: boolean;
}

/** `socket-el feed serve` */
export function addFeed(program: Command): void {
  program
    .command('feed')
    .description('A feed to try things with.')
    .command('serve')
    .description(
      'Serves seeded, numbered trades, or what was recorded, as a WebSocket stream; every path is a channel.',
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0: any free one', wholeNumberOption(0, 65_535), 8000)
    .option(
      '--rate <count>',
      'messages a second on each path; 0: as fast as they are taken',
      wholeNumberOption(0),
      1000,
    )
    .option('--count <count>', 'so many messages on each path, then silence', wholeNumberOption(1))
    .option('--seed <number>', 'what the trades are made from', wholeNumberOption(0), 1)
    .option('--replay <path>', 'send the lines of this file, or the messages of this stage folder')
    .option('--close', 'close the connections after the last message')
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  if (flags.replay !== undefined) assertReplayable(flags.replay);
  const { openFeed } = await import('../feed/feed-server.js');
  const { count = Number.POSITIVE_INFINITY, close: closeAtEnd = false } = flags;
  const feed = await openFeed({ ...flags, count, closeAtEnd }).catch((cause: unknown) => {
    const message = `expected to listen on ${flags.host}:${flags.port}`;
    throw new SocketElError(
      { code: 'environment.unavailable', message, hint: '--port 0 takes any free port' },
      { cause },
    );
  });
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  process.stdout.write(`feed: ${feed.address}\n`);
  await stopped;
  await feed.close();
}

function assertReplayable(path: string): void {
  const status = statSync(path, { throwIfNoEntry: false });
  const isStage =
    status?.isDirectory() && statSync(join(path, 'data'), { throwIfNoEntry: false })?.isDirectory();
  if (status?.isFile() || isStage) return;
  const message = `--replay: expected a file or a stage’s folder, got "${path}"`;
  const hint = 'a stage’s folder is <path>/<consumer>, with a folder data in it';
  throw new SocketElError({ code: 'usage.argument', message, hint });
}
