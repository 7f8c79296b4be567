/** A value as JSON; and where PostgreSQL reads it from another text than its own, that text. */
export type TypedValue = string | readonly [json: string, text: string];

/** A column of a table that is there before, and what becomes of values for it. */
export interface TypedColumn {
  readonly name: string;
  readonly type: string;
  /** What follows the type. */
  readonly constraint?: string;
  /** Only a text COPY loads the type. */
  readonly isText?: boolean;
  /** Are what PostgreSQL itself makes of them. */
  readonly lands?: readonly TypedValue[];
  /** Stay in `_rest` as they came. */
  readonly rest?: readonly string[];
  /** Are dead letters. */
  readonly dead?: readonly string[];
}
