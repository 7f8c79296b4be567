import type { Command } from 'commander';
import { addDlqLs } from './ls.js';
import { addDlqReplay } from './replay.js';
import { addDlqShow } from './show.js';

/** `socket-el dlq …` */
export function addDlq(program: Command): void {
  const dlq = program.command('dlq').description('Shows the dead letters in a sink and loads them again.');
  for (const add of [addDlqLs, addDlqShow, addDlqReplay]) add(dlq);
}
