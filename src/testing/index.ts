export { consumerContract } from './consumer-contract.js';
export type { ConsumerUnderTest } from './consumer-trial.js';
export type { ContractCase } from './contract-case.js';
export { stageContract } from './stage-contract.js';
export type { CreateStage } from './staged-folder.js';
