export type { ContractCase } from './contract-case.js';
export { stageContract } from './stage-contract.js';
export type { CreateStage } from './staged-folder.js';
