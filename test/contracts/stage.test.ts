import { describe, test } from 'vitest';
import { LocalStage } from '../../src/stages/local.js';
import { ParquetStage } from '../../src/stages/parquet.js';
import { stageSetting } from '../../src/stages/stage-settings.js';
import { stageContract } from '../../src/testing/index.js';

for (const Type of [LocalStage, ParquetStage])
  describe(Type.name, () => {
    const { path, type, ...settings } = stageSetting.parse({});
    const cases = stageContract((folder, context) => new Type({ ...settings, folder }, context));
    for (const { title, run } of cases) test(title, run);
  });
