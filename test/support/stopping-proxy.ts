import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/**
 * Starts a proxy before the server of a profile that lets nothing pass any more, not even an end, once a client has sent
 * `stopAfterBytes`. It is gone when the running test ends.
 *
 * @returns where to connect to instead of the server
 */
export async function startStoppingProxy(
  target: { readonly port: number },
  stopAfterBytes: number,
): Promise<{ readonly host: string; readonly port: number }> {
  const script = fileURLToPath(new URL('./stopping-proxy.mjs', import.meta.url));
  const child = fork(script, [target.port, stopAfterBytes].map(String), { execArgv: [], stdio: 'inherit' });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [port] = (await once(child, 'message')) as [number];
  return { host: '127.0.0.1', port };
}
