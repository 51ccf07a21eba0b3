/** What clients accept, by the header of that name: the first that fits is taken, whatever the others weigh. */
import { GRAPHQL_TYPE, JSON_TYPE } from './refusal.ts';

/** The media type of JSON that a client likes best; undefined if it wants something else. */
export function jsonTypeFor(accept: string | undefined): string | undefined {
  for (const type of typesIn(accept)) {
    switch (type) {
      case GRAPHQL_TYPE:
        return GRAPHQL_TYPE;
      case JSON_TYPE:
      case 'application/*':
      case '*/*':
        return JSON_TYPE;
    }
  }
  return undefined;
}

/** Whether a client takes an event stream. */
export function takesEvents(accept: string | undefined): boolean {
  return typesIn(accept).some((type) => ['text/event-stream', 'text/*', '*/*'].includes(type));
}

/** The media types of a header, but those in another charset than ours. */
function typesIn(accept: string | undefined): string[] {
  const types: string[] = [];
  for (const range of (accept || '*/*').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.replaceAll(' ', '').split(';');
    const charset = parameters.find((parameter) => parameter.startsWith('charset='));
    if (charset === undefined || charset === 'charset=utf-8') types.push(type);
  }
  return types;
}
