import type { Command } from 'commander';
import { addStageForget } from './forget.js';
import { addStageGaps } from './gaps.js';
import { addStageLs } from './ls.js';
import { addStagePrune } from './prune.js';
import { addStageRekey } from './rekey.js';
import { addStageReplay } from './replay.js';
import { addStageShow } from './show.js';
import { addStageVerify } from './verify.js';

/** `socket-el stage …` */
export function addStage(program: Command): void {
  const stage = program.command('stage').description('Looks into stages and looks after them.');
  const verbs = [
    addStageLs,
    addStageShow,
    addStageVerify,
    addStageGaps,
    addStageReplay,
    addStagePrune,
    addStageForget,
    addStageRekey,
  ];
  for (const add of verbs) add(stage);
}
