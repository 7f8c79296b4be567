/** Values of the last while, so that what happened in it can be told. */
export class Recent<T> {
  readonly #windowMs: number;
  readonly #values: { readonly atMs: number; readonly value: T }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(atMs: number, value: T): void {
    this.#values.push({ atMs, value });
    // The one before the window stays: what happened since it is what happened in the window.
    while ((this.#values[1]?.atMs ?? atMs) <= atMs - this.#windowMs) this.#values.shift();
  }

  get oldest(): { readonly atMs: number; readonly value: T } | undefined {
    return this.#values[0];
  }
}
