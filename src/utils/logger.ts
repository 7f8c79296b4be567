import type { ErrorCode } from './error-codes.js';
import { printable } from './printable.js';
import type { Redactor } from './redaction.js';

type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One event, as plain data: it can cross a thread. */
export interface LogRecord {
  readonly level: LogLevel;
  /** The runner it concerns; undefined for the run as a whole. */
  readonly runner?: string | undefined;
  readonly message: string;
  /** Of what is told about an error. */
  readonly code?: ErrorCode | undefined;
  readonly hint?: string | undefined;
  readonly fields?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Takes events; a runner thread's logger posts them to the main thread, whose logger writes them. */
export interface Logger {
  log(record: LogRecord): void;
}

export type LogFormat = 'text' | 'json';

/** What the one writing logger needs. */
export interface LogSink {
  readonly format: LogFormat;
  readonly redactor: Redactor;
  readonly write: (line: string) => void;
  readonly now?: () => Date;
}

/** The logger that writes: one redacted line an event, as text for people or as JSON for machines. */
export function createLogger(sink: LogSink): Logger {
  const format = sink.format === 'json' ? jsonLine : textLine;
  const now = sink.now ?? (() => new Date());
  return { log: (record) => sink.write(`${format(redactedRecord(record, sink.redactor), now())}\n`) };
}

/** A record in which no secret is left. */
export function redactedRecord(record: LogRecord, redactor: Redactor): LogRecord {
  return {
    ...record,
    message: redactor.text(record.message),
    hint: record.hint && redactor.text(record.hint),
    fields: record.fields && (redactor.fields(record.fields) as LogRecord['fields']),
  };
}

function jsonLine(record: LogRecord, at: Date): string {
  const { level, runner, message, code, hint, fields } = record;
  return JSON.stringify({ time: at.toISOString(), level, runner, message, code, hint, ...fields });
}

function textLine(record: LogRecord, at: Date): string {
  const clock = at.toISOString().slice(11, 23);
  const level = record.level === 'info' ? '' : `${record.level}: `;
  const runner = record.runner === undefined ? '' : `${record.runner}: `;
  const fields = Object.entries(record.fields ?? {}).map(([key, value]) => ` ${key}=${value}`);
  const code = record.code === undefined ? '' : `  [${record.code}]`;
  const hint = record.hint === undefined ? '' : `\n             → ${record.hint}`;
  return printable(`${clock} ${level}${runner}${record.message}${fields.join('')}${code}${hint}`);
}
