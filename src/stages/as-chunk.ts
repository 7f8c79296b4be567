import { nowUs } from '../utils/clock.js';
import { RAW_PREFIX } from '../utils/message-buffer.js';
import type { MessageChunk, Row } from './stage.js';

/** What can be put into a stage, as a chunk: one as it is, rows as one JSON object a line. */
export function asChunk(data: MessageChunk | Row | readonly Row[]): MessageChunk {
  if ('bytes' in data && data.bytes instanceof Uint8Array) return data as MessageChunk;
  const rows = Array.isArray(data) ? data : [data];
  const bytes = Buffer.from(rows.map(rowLine).join(''));
  return { bytes, messages: rows.length, receivedAtUs: nowUs(), connection: 0 };
}

/** A row is never taken for the form in which the message buffer keeps what is no JSON. */
function rowLine(row: Row): string {
  const json = JSON.stringify(row);
  return json.startsWith(RAW_PREFIX) ? ` ${json}\n` : `${json}\n`;
}
