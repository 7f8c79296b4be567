import { build } from './build.mjs';
import { closeAll, watchStopSignals } from './demo-ending.mjs';

/** Builds the package and tries it as its users do; loads into the server of SOCKET_EL_TEST_POSTGRES too, if it is given. */
async function main() {
  const opened = [];
  const signal = watchStopSignals();
  try {
    await build();
    signal.throwIfAborted();
    // It needs packages, and those were perhaps only just installed.
    const { checkPackage } = await import('./package/check-package.mjs');
    const postgres = process.env.SOCKET_EL_TEST_POSTGRES;
    await checkPackage({ postgres, opened, signal }).finally(() => closeAll(opened));
    console.log('The package is as it should be.');
  } catch (error) {
    // What was stopped may fail in other ways than by the signal.
    const { message, exitCode = 1 } = signal.aborted ? signal.reason : error;
    console.error(message);
    process.exitCode = exitCode;
  }
}

await main();
