import { GraphQLError } from 'graphql';
import { formatTime, parseTime } from '../time.ts';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description:
    'A time in RFC 3339. It is shown in UTC with microseconds, such as 2026-11-22T00:26:19.644967Z; as an input it may have any offset and precision.',
  serialize: formatTime,
  parseValue: (value) => {
    const seconds = typeof value === 'string' ? parseTime(value) : null;
    if (seconds !== null) return seconds;
    throw new GraphQLError(
      `Expected a time in RFC 3339 with an offset, such as 2026-11-22T00:26:19Z, but got ${JSON.stringify(value)}.`,
    );
  },
});

builder.scalarType('JSON', {
  description: 'Any JSON value: an object, a list, a text, a number, true, false or null.',
  serialize: (value) => value,
});
