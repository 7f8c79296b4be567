import { parseSync } from 'oxc-parser';

const HOT_MARKER = 'hot path:';

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** What a leading comment may stand before, besides the function itself; also where a measured method begins. */
const OWNERS = new Set(['MethodDefinition', 'PropertyDefinition', 'Property']);

const BRANCHES = new Set([
  'IfStatement',
  'ConditionalExpression',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'CatchClause',
  'LogicalExpression',
]);

/**
 * @typedef {object} Measures
 * @property {string} name `file:line function`
 * @property {number | undefined} lines that are not blank; undefined for an arrow function without a block
 * @property {number} complexity cyclomatic, without that of functions within
 * @property {number} parameters
 * @property {boolean} isHot whether the comment before it has the marker
 */

/**
 * Measures each function of a module that has a body: functions, methods, accessors, arrows.
 *
 * @param {string} file its name decides on the language
 * @param {string} code
 * @returns {Measures[]}
 * @throws when the code has syntax errors
 */
export function measureFunctions(file, code) {
  const { program, comments, errors } = parseSync(file, code);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const found = [];
  walk(program, [], (node, ancestors) => {
    if (FUNCTIONS.has(node.type) && node.body) found.push(measure(node, ancestors, { file, code, comments }));
  });
  return found;
}

/**
 * @param {string} text
 * @returns {number}
 */
export function nonBlankLines(text) {
  return text.split('\n').filter((line) => line.trim() !== '').length;
}

function measure(node, ancestors, { file, code, comments }) {
  const parent = ancestors.at(-1);
  const start = OWNERS.has(parent.type) ? parent.start : node.start;
  return {
    name: `${file}:${code.slice(0, start).split('\n').length} ${nameOf(node, parent, code)}`,
    lines: node.expression ? undefined : nonBlankLines(code.slice(start, node.end)),
    complexity: complexityOf(node),
    parameters: node.params.length,
    isHot: leadingComment(anchorOf(node, ancestors), code, comments).includes(HOT_MARKER),
  };
}

function nameOf(node, parent, code) {
  const named = node.id ?? parent.key ?? (parent.type === 'VariableDeclarator' ? parent.id : undefined);
  return named ? code.slice(named.start, named.end) : '(anonymous)';
}

function complexityOf(functionNode) {
  let complexity = 1;
  const count = (node) => {
    if (node !== functionNode && FUNCTIONS.has(node.type)) return false;
    complexity += isBranch(node) ? 1 : 0;
    return true;
  };
  walk(functionNode, [], count);
  return complexity;
}

function isBranch(node) {
  if (node.type === 'SwitchCase') return node.test !== null;
  if (node.type === 'AssignmentExpression') return ['&&=', '||=', '??='].includes(node.operator);
  return BRANCHES.has(node.type);
}

/** Where the comment before the function ends: at its method, or at its statement with the `export`. */
function anchorOf(node, ancestors) {
  const path = [...ancestors, node];
  const index = path.findLastIndex(({ type }) => OWNERS.has(type) || isStatement(type));
  const around = path[index - 1];
  return around?.type.startsWith('Export') ? around.start : (path[index] ?? node).start;
}

function isStatement(type) {
  return type.endsWith('Statement') || type === 'VariableDeclaration' || type === 'FunctionDeclaration';
}

/** The comments that end right before the place, nothing but blank space between. */
function leadingComment(place, code, comments) {
  let text = '';
  let end = place;
  for (const comment of comments.filter((one) => one.end <= place).reverse()) {
    if (code.slice(comment.end, end).trim() !== '') break;
    text = comment.value + text;
    end = comment.start;
  }
  return text;
}

/** Depth first; a visitor that returns false keeps the walk out of the node. */
function walk(node, ancestors, visit) {
  if (visit(node, ancestors) === false) return;
  const within = [...ancestors, node];
  for (const child of Object.values(node).flat()) {
    if (typeof child?.type === 'string') walk(child, within, visit);
  }
}
