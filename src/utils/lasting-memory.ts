/**
 * Memory that is used again and again, zeroed. V8 counts what a Buffer holds outside of its heap, and looks through the
 * heap when that has grown, on all cores; of shared memory it does not. What is dropped is freed all the same, but
 * nothing hurries to do so: this is for the few large pieces that stay.
 *
 * @param length bytes
 */
export function allocateLasting(length: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(length));
}
