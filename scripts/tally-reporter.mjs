import { renameSync, writeFileSync } from 'node:fs';
import { TALLY_FILE } from './tally.mjs';

/** Keeps the tally on disk while the tests run, so that it survives a crash of vitest. */
export default class TallyReporter {
  #tally = { passed: 0, failed: 0, skipped: 0, isComplete: false };

  onTestModuleEnd(testModule) {
    const failedBefore = this.#tally.failed;
    for (const test of testModule.children.allTests()) this.#count(test.result().state);
    // A module that does not load, or whose hooks fail, may have no failed test to show for it.
    if (testModule.state() === 'failed' && this.#tally.failed === failedBefore) this.#tally.failed += 1;
    this.#write();
  }

  onTestRunEnd(_testModules, unhandledErrors, reason) {
    this.#tally.failed += unhandledErrors.length;
    this.#tally.isComplete = reason !== 'interrupted';
    this.#write();
  }

  #count(state) {
    this.#tally[state === 'pending' ? 'skipped' : state] += 1;
  }

  #write() {
    const file = process.env[TALLY_FILE];
    writeFileSync(`${file}.new`, JSON.stringify(this.#tally));
    renameSync(`${file}.new`, file);
  }
}
