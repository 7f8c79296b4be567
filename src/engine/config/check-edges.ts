import type { Problem } from '../../utils/document/problem.js';
import type { SourceDocument } from '../../utils/document/source-document.js';
import { nearestName } from '../../utils/nearest-name.js';
import type { CheckedRunner } from './check-runner.js';

type Named = CheckedRunner & { readonly name: string };

interface Graph {
  readonly runners: readonly Named[];
  readonly edges: ReadonlyMap<string, readonly string[]>;
}

/** Checks what holds between runners: unique names, and edges that lead to consumers and to no circle. */
export function checkEdges(document: SourceDocument, runners: readonly CheckedRunner[]): readonly Problem[] {
  const named = runners.filter((runner): runner is Named => runner.name !== undefined);
  const graph = { runners: named, edges: new Map(named.map(({ name, dependsOn }) => [name, dependsOn])) };
  return [
    ...duplicateNames(document, named),
    ...named.flatMap((runner) => edgeProblems(document, runner, graph)),
  ];
}

function duplicateNames(document: SourceDocument, runners: readonly Named[]): readonly Problem[] {
  const first = new Map<string, Named>();
  const problems: Problem[] = [];
  for (const runner of runners) {
    const other = first.get(runner.name.toLowerCase());
    first.set(runner.name.toLowerCase(), other ?? runner);
    if (other === undefined) continue;
    const message = `expected a name that no other runner has, upper or lower case, got "${runner.name}" again`;
    const hint = `the other is ${String(other.path[0])}[${String(other.path[1])}]; the name is also the name of the stage’s folder`;
    problems.push(
      document.problem([...runner.path, 'name'], 'value', { code: 'config.duplicate', message, hint }),
    );
  }
  return problems;
}

function edgeProblems(document: SourceDocument, runner: Named, graph: Graph): readonly Problem[] {
  return runner.dependsOn.flatMap((target, index) => {
    const problem = edgeProblem(runner, target, index, graph);
    return problem === undefined
      ? []
      : [document.problem([...runner.path, 'depends_on', index], 'value', problem)];
  });
}

type What = Pick<Problem, 'code' | 'message' | 'hint'>;

function edgeProblem(
  runner: Named,
  target: string,
  index: number,
  { runners, edges }: Graph,
): What | undefined {
  const names = runners.map(({ name }) => name);
  const found = runners.find(({ name }) => name === target);
  if (found === undefined) return unknownRunner(target, names);
  if (runner.dependsOn.indexOf(target) < index) {
    return { code: 'config.duplicate', message: `expected each consumer once, got "${target}" again` };
  }
  if (target === runner.name || isReachable(target, runner.name, edges)) {
    const message = `expected no circle of runners, but ${runner.name} depends on ${target}, which leads back to ${runner.name}`;
    return { code: 'config.cycle', message };
  }
  if (runner.type !== 'producer' || found.type === 'consumer' || found.type === undefined) return undefined;
  const hint = 'a producer loads the stages of consumers; several producers may load the same one';
  return {
    code: 'config.reference',
    message: `expected the name of a consumer, got the ${found.type} "${target}"`,
    hint,
  };
}

function unknownRunner(target: string, names: readonly string[]): What {
  const near = nearestName(target, names);
  const hint = near === undefined ? `runners: ${names.join(', ')}` : `did you mean ${near}?`;
  return { code: 'config.unknown_name', message: `expected the name of a runner, got "${target}"`, hint };
}

function isReachable(from: string, wanted: string, edges: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const open = [...(edges.get(from) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === wanted) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(edges.get(name) ?? []));
  }
  return false;
}
