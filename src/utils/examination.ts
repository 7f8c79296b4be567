/** What to do about a finding: in words, and what to paste: SQL statements or lines of a configuration. */
export interface Fix {
  readonly text: string;
  readonly paste: readonly string[];
}

/** One thing that an examination found. */
export interface Finding {
  /** `ok` is as it should be, `note` is worth knowing, `problem` stands in the way of a run. */
  readonly state: 'ok' | 'note' | 'problem';
  readonly text: string;
  /** Further lines that belong to it. */
  readonly details?: readonly string[];
  /** Ways out, each enough by itself, the plainest first. */
  readonly fixes?: readonly Fix[];
  /** The key of the runner's entry that it is about; the entry as a whole unless given. */
  readonly key?: string | undefined;
}

/** What an examination of a source or a sink came to: for people as findings, for machines as facts, plain data. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly facts: Readonly<Record<string, unknown>>;
}
