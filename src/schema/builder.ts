/** Where all files of this folder add their types. It has none itself. */
// The declarations that are published name this library's types, and only so say where they come from.
/// <reference types="@pothos/core" preserve="true" />
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin, { ComplexityErrorKind } from '@pothos/plugin-complexity';
import { Fault } from '../errors.ts';
import type { Context } from './context.ts';

export interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    /** Seconds since the epoch. */
    DateTime: { Input: number; Output: number };
    JSON: { Input: unknown; Output: unknown };
  };
}

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ComplexityPlugin],
  defaultFieldNullability: false,
  complexity: {
    limit: ({ limits }) => ({ depth: limits.maxDepth, complexity: limits.maxComplexity }),
    // How long a list is only its rows tell, and they are counted as they are read. What a document says are fields and page sizes.
    defaultListMultiplier: 1,
    complexityError: (kind, { depth, maxDepth, complexity, maxComplexity }) =>
      new Fault(
        'LIMIT_EXCEEDED',
        kind === ComplexityErrorKind.Depth
          ? `The query nests ${depth} levels deep, and ${maxDepth} are allowed. Ask for what is deeper in a query of its own, by its runId.`
          : `The query costs ${complexity}, and ${maxComplexity} are allowed. Select fewer fields, or ask for smaller pages.`,
      ),
  },
});

builder.queryType({ description: 'Everything that can be read.' });
builder.subscriptionType({ description: 'Everything that can be followed while it happens.' });
builder.mutationType({
  description: 'Everything that can be recorded. An answer without errors means that it is on disk.',
});
