import type { Problem } from './problem.js';

/** What the parser's error means to whoever wrote the file; `line` is the text of the line it stands in. */
export function describeSyntax(
  code: string,
  message: string,
  line: string,
): Pick<Problem, 'code' | 'message' | 'hint'> {
  if (code === 'TAB_AS_INDENT' || /^ *\t/.test(line)) {
    const hint = 'replace the tab by two spaces';
    return { code: 'config.tabs', message: 'expected spaces as indentation, got a tab', hint };
  }
  if (message.includes('call stack'))
    return { code: 'config.yaml', message: 'expected fewer levels, got more than can be read' };
  const [first = message] = message.split('\n', 1);
  if (code === 'TAG_RESOLVE_FAILED') {
    return {
      code: 'config.yaml',
      message: `expected a plain value, got a tag: ${first}`,
      hint: 'leave the !tag away',
    };
  }
  return {
    code: 'config.yaml',
    message: `expected YAML 1.2, got a syntax error: ${first}`,
    hint: hintFor(code),
  };
}

function hintFor(code: string): string | undefined {
  switch (code) {
    case 'MISSING_CHAR':
      return 'close the quote or bracket that was opened before';
    case 'BAD_INDENT':
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'keys of one map begin in the same column; put text that has ": " in it into quotes';
    default:
      return undefined;
  }
}
