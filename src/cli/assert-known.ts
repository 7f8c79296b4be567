import type { Pipeline } from '../engine/pipeline.js';
import { SocketElError } from '../utils/errors.js';
import { nearestName } from '../utils/nearest-name.js';

/** @throws SocketElError `usage.argument` when `--only` names what is no runner of the pipeline */
export function assertKnown(only: readonly string[], { runners }: Pipeline): void {
  const names = runners.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  const near = unknown.map((name) => nearestName(name, names)).filter((name) => name !== undefined);
  const hint = near.length === 0 ? `runners: ${names.join(', ')}` : `did you mean ${near.join(', ')}?`;
  const message = `--only: expected names of runners, got ${unknown.map((name) => `"${name}"`).join(', ')}`;
  throw new SocketElError({ code: 'usage.argument', message, hint });
}
