import type { Problem } from '../../utils/document/problem.js';
import type { YamlDocument } from '../../utils/document/yaml-document.js';
import { nearestName } from '../../utils/nearest-name.js';
import type { CheckedRunner } from './check-runner.js';

type Named = CheckedRunner & { readonly name: string };

interface Graph {
  readonly runners: readonly Named[];
  /** Names of the runners from which `depends_on` leads back to themselves. */
  readonly inCycles: ReadonlySet<string>;
}

/** Checks what holds between runners: unique names, and edges that lead to consumers and to no circle. */
export function checkEdges(document: YamlDocument, runners: readonly CheckedRunner[]): readonly Problem[] {
  const named = runners.filter((runner): runner is Named => runner.name !== undefined);
  const graph = { runners: named, inCycles: findCycleMembers(named) };
  return [
    ...duplicateNames(document, named),
    ...named.flatMap((runner) => edgeProblems(document, runner, graph)),
  ];
}

function duplicateNames(document: YamlDocument, runners: readonly Named[]): readonly Problem[] {
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

function edgeProblems(document: YamlDocument, runner: Named, graph: Graph): readonly Problem[] {
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
  { runners, inCycles }: Graph,
): What | undefined {
  const names = runners.map(({ name }) => name);
  const found = runners.find(({ name }) => name === target);
  if (found === undefined) return unknownRunner(target, names);
  if (runner.dependsOn.indexOf(target) < index) {
    return { code: 'config.duplicate', message: `expected each consumer once, got "${target}" again` };
  }
  if (inCycles.has(runner.name) && inCycles.has(target)) {
    return {
      code: 'config.cycle',
      message: `expected no circle of runners, but ${runner.name} waits for ${target}, which waits for ${runner.name}`,
    };
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

/** The runners from which `depends_on` leads back to themselves. */
function findCycleMembers(runners: readonly Named[]): ReadonlySet<string> {
  const edges = new Map(runners.map(({ name, dependsOn }) => [name, dependsOn]));
  return new Set(runners.map(({ name }) => name).filter((name) => isReachable(name, name, edges)));
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
