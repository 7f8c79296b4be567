import type { Source } from './producer.js';

/** Dead letters of one consumer that have one reason. Times are RFC 3339. */
export interface DeadLetterGroup {
  readonly consumer: string;
  readonly target: string;
  readonly reason: string;
  readonly count: number;
  readonly first_at: string;
  readonly last_at: string;
}

/** A message, or a row of one, that was set aside. */
export interface StoredDeadLetter {
  readonly consumer: string;
  readonly target: string;
  /** The batch, and the message's number in it from 1. */
  readonly seq: number;
  readonly message: number;
  readonly is_row: boolean;
  readonly reason: string;
  readonly raw: Buffer;
  readonly received_at: string | null;
}

/** Which dead letters are meant; all unless a consumer is named. */
export interface DeadLetterFilter {
  readonly consumer?: string | undefined;
}

/** What came of a replay. */
export interface DeadLetterReplay {
  /** Dead letters that are none any more, and the rows that they held. */
  readonly replayed: number;
  readonly rows: number;
  /** Dead letters that are still such. */
  readonly remaining: number;
}

/** The dead letters in a sink. */
export interface DeadLetters {
  groups(filter: DeadLetterFilter): Promise<readonly DeadLetterGroup[]>;
  /** The newest first. */
  list(filter: DeadLetterFilter, limit: number): Promise<readonly StoredDeadLetter[]>;
  /** Decodes the dead letters of a source again, as its consumer is configured now, and loads what fits: exactly once. */
  replay(source: Source): Promise<DeadLetterReplay>;
}
