import { createHash } from 'node:crypto';

/** `application_name` holds 63 bytes: what the connection is called, cut, and the mark. */
const MAX_NAME = 48;

/**
 * What the backend of a load of this stage by this producer is known by: the end of its `application_name`. A source loads one
 * group after the other, so while it does not load, whoever bears its mark is a loader that is gone: one of a process
 * that died, or of a connection that was given up and whose end never reached the server. Process ids would not tell:
 * through a pooler they are not the server's, and of a connection that was given up they are our own.
 */
export function loadMark(stageId: string, producer: string): string {
  return `#${createHash('sha256').update(`${stageId}/${producer}`).digest('hex').slice(0, 12)}`;
}

/** The statement that marks the open transaction, and no more than that, as a pooler wants it. */
export function markLoad(stageId: string, producer: string): string {
  const name = `left(current_setting('application_name'), ${MAX_NAME})`;
  return `SELECT set_config('application_name', ${name} || ' ${loadMark(stageId, producer)}', true)`;
}
