import type { SeenMessage } from './first-messages.js';

/** Keys by which feeds tell kinds of messages apart, the most telling first. */
const KIND_KEYS = ['type', 'event', 'e', 'kind', 'op', 'method', 'topic', 'channel', 'action'];
const MAX_KINDS = 50;
const MAX_TEXT = 20;
const MAX_ERROR_KEYS = 6;
const MAX_PARSED_BYTES = 256 * 1024;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Messages that say of themselves that they are of one kind, with one outcome. */
export interface MessageKind {
  /** What a rule of `ignore:` for them is: a key with its value, or a text that is no JSON; undefined when there is none. */
  readonly rule: { readonly key: string; readonly value: string } | string | undefined;
  readonly outcome: SeenMessage['outcome'];
  /** The first of them; undefined when it is no JSON object. */
  readonly sample: JsonObject | undefined;
  count: number;
  bytes: number;
}

/** The kinds of messages that a source sent, the first of each first. */
export class MessageKinds {
  readonly #kinds = new Map<string, MessageKind>();

  get all(): readonly MessageKind[] {
    return [...this.#kinds.values()];
  }

  /** @param text of a whole message */
  take(text: string, outcome: SeenMessage['outcome']): void {
    if (text.length > MAX_PARSED_BYTES) return;
    const sample = parseObject(text);
    const rule = sample === undefined ? ruleOfText(text) : ruleOf(sample);
    const name = `${outcome} ${JSON.stringify(rule)}`;
    const kind = this.#kinds.get(name) ?? { rule, outcome, sample, count: 0, bytes: 0 };
    if (this.#kinds.size < MAX_KINDS) this.#kinds.set(name, kind);
    kind.count++;
    kind.bytes += text.length;
  }
}

/** Whether a message says that something was refused; a row of data may well have a key of that name. */
export function isError({ rule, sample = {} }: MessageKind): boolean {
  if (typeof rule === 'object' && /(^|\W)error$/i.test(rule.value)) return true;
  const isShort = Object.keys(sample).length <= MAX_ERROR_KEYS;
  return isShort && (Boolean(sample['error']) || sample['success'] === false);
}

function ruleOf(message: JsonObject): MessageKind['rule'] {
  const key = KIND_KEYS.find((name) => typeof message[name] === 'string');
  return key === undefined ? undefined : { key, value: message[key] as string };
}

/** A short word that is no JSON, such as `pong`. */
function ruleOfText(text: string): string | undefined {
  return text.length <= MAX_TEXT && /^[A-Za-z][\w-]*$/.test(text) && !isJson(text) ? text : undefined;
}

function isJson(text: string): boolean {
  return ['true', 'false', 'null'].includes(text);
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // What is no JSON has no kind.
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
