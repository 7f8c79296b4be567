import type { Finding } from '../../utils/examination.js';
import { dataKinds } from './data-kinds.js';
import { isError, type MessageKind } from './message-kinds.js';

/** Errors among the messages: of a feed that sends nothing else they stand in the way. */
export function errorAnswers(kinds: readonly MessageKind[]): readonly Finding[] {
  const errors = kinds.filter(isError);
  if (errors.length === 0) return [];
  const details = errors.map(({ sample }) => JSON.stringify(sample));
  const hasData = dataKinds(kinds).length > 0;
  const text = hasData ? 'the source said an error, too' : 'the source answered with an error';
  const fix = { text: 'correct what is asked of it, by its manual: subscribe, uri, headers', paste: [] };
  return [{ state: hasData ? 'note' : 'problem', text, details, fixes: [fix] }];
}
