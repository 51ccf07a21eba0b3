import { readFileSync } from 'node:fs';
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { printSortedSchema } from '../../src/schema/sdl.ts';

it('is the one in schema.graphql; if not, write that anew', () => {
  expect(printSortedSchema()).toBe(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
});

it('has a sentence for every type, field, argument and value', () => {
  const without = [...described()].filter(([, description]) => !/^[A-Z].*[.]$/s.test(description ?? ''));
  expect(without).toEqual([]);
});

function* described(): Generator<[string, string | null | undefined]> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    yield [type.name, type.description];
    for (const part of partsOf(type)) {
      yield [`${type.name}.${part.name}`, part.description];
      for (const arg of part.args ?? []) yield [`${type.name}.${part.name}(${arg.name})`, arg.description];
    }
  }
}

interface Part {
  readonly name: string;
  readonly description: string | null | undefined;
  readonly args?: readonly Part[];
}

function partsOf(type: GraphQLNamedType): readonly Part[] {
  if (isEnumType(type)) return type.getValues();
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) return Object.values(type.getFields());
  return [];
}
