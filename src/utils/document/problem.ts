import { type ErrorCode, SocketElError } from '../errors.js';

/** A place in a document: keys and indices from its root. */
export type DocumentPath = readonly (string | number)[];

/** One thing that is wrong with a document, and where. Lines and columns count from 1. */
export interface Problem {
  readonly code: ErrorCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line's text. */
  readonly source: string;
  readonly path: DocumentPath;
  /** Expectation and value, without the place. */
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Everything that is wrong with the operator's input, at once. */
export class ProblemsError extends SocketElError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly [Problem, ...Problem[]]) {
    const [first] = problems;
    super({
      code: first.code,
      path: pathText(first.path),
      message: problems.map(renderProblem).join('\n\n'),
    });
    this.problems = problems;
  }
}

/** Throws when there are problems; ordered by place, each once. */
export function throwProblems(problems: readonly Problem[]): void {
  const sorted = problems.toSorted(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );
  const [first, ...rest] = sorted;
  if (first !== undefined) throw new ProblemsError([first, ...rest]);
}

/** A path as people write it: `runners[0].stage.path`. */
export function pathText(path: DocumentPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** A problem as text: place, message, the line itself with a caret, and the hint. */
export function renderProblem(problem: Problem): string {
  const { file, line, column, source, path, message, hint, code } = problem;
  const subject = path.length === 0 ? '' : `${pathText(path)}: `;
  const head = `${file}:${line}:${column}: ${subject}${message}  [${code}]`;
  const shown = source.replace(/\t/g, ' ').slice(0, 160);
  const excerpt = shown.trim() === '' ? [] : [`    ${shown}`, `    ${' '.repeat(Math.max(0, column - 1))}^`];
  return [head, ...excerpt, ...(hint === undefined ? [] : [`    ${hint}`])].join('\n');
}
