import type { Finding } from '../../utils/examination.js';
import type { SeenCell, SeenMessage } from './first-messages.js';

/** A finding with its place in the configuration, such as `config.yml:3`. */
export interface PlacedFinding extends Omit<Finding, 'key'> {
  readonly place: string;
}

/** What was found out about one runner. */
export interface RunnerReport {
  readonly name: string;
  readonly type: string;
  readonly variety: string;
  readonly place: string;
  /** Whether nothing stands in its way. */
  readonly ok: boolean;
  readonly findings: readonly PlacedFinding[];
  readonly facts: Readonly<Record<string, unknown>>;
  /** Of a consumer: some of its first messages. */
  readonly messages: readonly SeenMessage[];
  /** Of a consumer: the first row, by its columns' names. */
  readonly row: readonly SeenCell[] | null;
}

/** What `doctor --json` prints. */
export interface DoctorReport {
  readonly pipeline: string;
  readonly config: string;
  readonly ok: boolean;
  readonly runners: readonly RunnerReport[];
}
