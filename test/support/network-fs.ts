import { type CliProcess, startCli } from './cli.js';
import type { PipelineBench } from './pipeline-bench.js';

/** NFS_SUPER_MAGIC of statfs(2), as the eight bytes that `f_type` has in memory. */
const NFS = '6969000000000000';
const INJECTION = `inject=statfs:poke_exit=@arg2=${NFS}`;

/** Starts `socket-el` so that the kernel tells it of each file system that it is NFS, by strace. */
export function startOnNetwork({ home, folder }: PipelineBench, ...args: string[]): CliProcess {
  const under = ['strace', '-f', '-o', '/dev/null', '-e', 'trace=statfs', '-e', INJECTION];
  return startCli(args, { home, cwd: folder, under });
}
