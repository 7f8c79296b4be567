import { expect } from 'vitest';
import { drives } from '../support/drives.js';
import { createPipelineBench } from '../support/pipeline-bench.js';

/** A file read by a consumer with these settings, and what is printed of it. */
async function rowsOf(settings: object, files: Readonly<Record<string, string>>) {
  const bench = await createPipelineBench({
    config: {
      runners: [
        { name: 'trades', type: 'consumer', variety: 'file', ...settings },
        { name: 'screen', type: 'producer', variety: 'console', depends_on: ['trades'] },
      ],
    },
    files,
  });
  return bench.rows();
}

drives('key consumer/file csv.delimiter', 'what stands between fields', async () => {
  const rows = await rowsOf({ path: 'in.csv', csv: { delimiter: ';' } }, { 'in.csv': 'a;b\n1,5;2\n' });
  expect(rows).toEqual([{ a: '1,5', b: '2' }]);
});
