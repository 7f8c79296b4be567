export class Frames {
  constructor(messages: Iterable<string>, count: number);
  get count(): number;
  slice(first: number, last: number): Buffer;
  lastWithin(first: number, maxBytes: number): number;
}
