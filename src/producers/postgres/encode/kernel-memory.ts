import { readFileSync } from 'node:fs';
import { allocateLasting } from '../../../utils/lasting-memory.js';
import { CopyKernel, type KernelExports } from './copy-kernel.js';

/** Built from assembly/copy-rows.ts; at the same place from `src` and from `dist`. */
const MODULE = new URL('../../../../dist/copy-rows.wasm', import.meta.url);
const PAGE_BYTES = 64 * 1024;
/** More than the module itself needs. */
const MODULE_BYTES = 1024 * 1024;
/** What is not touched costs nothing. */
const BLOCK_BYTES = 512 * 1024 * 1024;
/** Positions must stay far from 2^32. */
const MOST_BYTES = 1024 * 1024 * 1024;
const ALIGNMENT = 64;

/** What of the global is used; its types come with those of browsers only. */
declare const WebAssembly: {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (
    size: Readonly<{ initial: number; maximum: number; shared: true }>,
  ) => { readonly buffer: SharedArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** Memory that pieces are given from, with its kernel. */
interface Block {
  readonly memory: SharedArrayBuffer;
  readonly kernel: CopyKernel;
  /** Where nothing was given from yet. */
  free: number;
}

/** By the memory they work in. */
const kernels = new WeakMap<ArrayBufferLike, CopyKernel>();
let compiled: object | 'none' | undefined;
/** Where the next piece is given from. */
let openBlock: Block | undefined;

/**
 * Zeroed memory that is used again and again, and that a kernel can work in. Pieces are given one behind the other; a
 * block is freed when no piece of it is held. Where Node.js runs no WebAssembly, or the processor lacks what it needs,
 * memory that no kernel works in.
 *
 * @param length bytes
 */
export function allocateForKernel(length: number): Buffer {
  const block = length <= MOST_BYTES ? blockFor(length) : undefined;
  if (block === undefined) return allocateLasting(length);
  const at = block.free;
  block.free = endOf(block, length);
  return Buffer.from(block.memory, at, length);
}

/** The kernel that works in the memory of some bytes, if one does. */
export function kernelOf({ buffer }: Uint8Array): CopyKernel | undefined {
  return kernels.get(buffer);
}

function blockFor(length: number): Block | undefined {
  if (openBlock === undefined || endOf(openBlock, length) > openBlock.memory.byteLength) {
    openBlock = createBlock(length);
  }
  return openBlock;
}

function endOf({ free, kernel }: Block, length: number): number {
  return Math.ceil((free + length + kernel.slack) / ALIGNMENT) * ALIGNMENT;
}

function createBlock(length: number): Block | undefined {
  compiled ??= loadModule() ?? 'none';
  const memory = compiled === 'none' ? undefined : createMemory(Math.max(BLOCK_BYTES, length + MODULE_BYTES));
  if (compiled === 'none' || memory === undefined) return undefined;
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const { buffer } = memory;
  const kernel = new CopyKernel(buffer, exports as KernelExports);
  kernels.set(buffer, kernel);
  return { memory: buffer, kernel, free: kernel.free };
}

/** Undefined where there is too little address space, of which WebAssembly wants some gigabytes beside the memory. */
function createMemory(length: number): { readonly buffer: SharedArrayBuffer } | undefined {
  const pages = Math.ceil(length / PAGE_BYTES);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    compiled = 'none';
    return undefined;
  }
}

function loadModule(): object | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  const bytes = readFileSync(MODULE);
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined;
}
