import { readFile } from 'node:fs/promises';

/** MiB of memory that a process of Linux has now. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kibibytes === undefined) throw new Error(`expected VmRSS of process ${pid}, got ${status}`);
  return Number(kibibytes) / 1024;
}
