import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { schema } from '../../src/schema/index.ts';
import { toOpaque } from '../../src/schema/opaque.ts';
import { toCursor } from '../../src/schema/page.ts';
import { T } from './harness.ts';
import { LABELS, RUN_IDS } from './randomRuns.ts';

/** A number from 0 on, below the one given. */
export type Draw = (below: number) => number;

export interface RandomQuery {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** Any query of the schema: fields, arguments, aliases, fragments, directives, variables; right ones, and some that are not. */
export function randomQuery(draw: Draw): RandomQuery {
  return new Writer(draw).write();
}

type Outer = Pick<GraphQLObjectType, 'name' | 'getFields'>;

class Writer {
  readonly #draw: Draw;
  readonly #definitions: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  readonly #fragments: { readonly name: string; readonly on: string; readonly text: string }[] = [];
  #names = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  write(): RandomQuery {
    const query = schema.getQueryType();
    if (!query) throw new TypeError('expected a schema with queries');
    const selection = this.#selection(query, 6);
    const variables = this.#definitions.length > 0 ? `(${this.#definitions.join(', ')})` : '';
    const fragments = this.#fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`);
    return { query: [`query Random${variables} ${selection}`, ...fragments].join('\n'), variables: this.#variables };
  }

  #selection(type: Outer, depth: number): string {
    const parts = Array.from({ length: 1 + this.#draw(3) }, () => this.#part(type, depth));
    // The same twice is to be merged.
    if (this.#oneIn(6)) parts.push(parts[0] ?? '');
    return `{ ${parts.join(' ')} }`;
  }

  #part(type: Outer, depth: number): string {
    if (isInterfaceType(type) && this.#oneIn(2))
      return this.#inlineFragment(this.#one(schema.getPossibleTypes(type)), depth);
    if (depth > 0 && this.#oneIn(12)) return this.#inlineFragment(type, depth);
    if (depth > 0 && this.#oneIn(12)) return `...${this.#fragmentOn(type, depth)}${this.#directives()}`;
    return this.#field(type, depth);
  }

  #inlineFragment(type: Outer, depth: number): string {
    return `... on ${type.name}${this.#directives()} ${this.#selection(type, depth - 1)}`;
  }

  #fragmentOn(type: Outer, depth: number): string {
    const known = this.#fragments.filter(({ on }) => on === type.name);
    if (known.length > 0 && this.#oneIn(2)) return this.#one(known).name;
    const name = this.#name('F');
    const text = this.#selection(type, depth - 1);
    this.#fragments.push({ name, on: type.name, text });
    return name;
  }

  #field(type: Outer, depth: number): string {
    // How long something takes that has not ended is another time whenever it is asked.
    const all = Object.values(type.getFields()).filter(({ name }) => name !== 'durationMs');
    const fields = depth > 0 ? all : all.filter((field) => isLeaf(field.type) && field.args.length === 0);
    if (fields.length === 0 || this.#oneIn(20)) return this.#oneIn(2) ? '__typename' : `${this.#name('t')}: __typename`;
    const inner = fields.filter(({ type }) => !isLeaf(type));
    const field = this.#one(inner.length > 0 && this.#oneIn(2) ? inner : fields);
    const args = field.args.flatMap((arg) => this.#argument(arg));
    const isNamed = args.length > 0 || this.#oneIn(5);
    const alias = isNamed ? `${this.#name('a')}: ` : '';
    const of = getNamedType(field.type);
    const selection = isObjectType(of) || isInterfaceType(of) ? ` ${this.#selection(of, depth - 1)}` : '';
    const given = args.length > 0 ? `(${args.join(', ')})` : '';
    return `${alias}${field.name}${given}${this.#directives()}${selection}`;
  }

  #argument({ name, type }: GraphQLArgument): string[] {
    if (!isNonNullType(type) && !this.#oneIn(5)) return [];
    return [`${name}: ${this.#oneIn(4) ? this.#variable(name, type) : this.#literal(name, type)}`];
  }

  #directives(): string {
    if (!this.#oneIn(8)) return '';
    const condition = this.#oneIn(2) ? this.#variable('if', undefined) : String(this.#oneIn(2));
    return ` @${this.#one(['skip', 'include'])}(if: ${condition})`;
  }

  /** Defines a variable; most have a value that is right. A condition of a directive has no type given. */
  #variable(name: string, type: GraphQLInputType | undefined): string {
    const variable = this.#name('v');
    const hasDefault = type !== undefined && !isNonNullType(type) && this.#oneIn(4);
    const declared = type ? String(type) : 'Boolean!';
    this.#definitions.push(`$${variable}: ${declared}${hasDefault ? ` = ${this.#literal(name, type)}` : ''}`);
    const kind = this.#draw(200);
    if (kind === 0) this.#variables[variable] = this.#one([{}, [], 'wrong', 1.5, true, [null], { no: 1 }]);
    else if (kind > 4) this.#variables[variable] = type ? this.#value(name, type) : this.#oneIn(2);
    else if (type && !isNonNullType(type) && kind > 2) this.#variables[variable] = null;
    else if (kind === 1 || (type && !isNonNullType(type))) return `$${variable}`;
    else this.#variables[variable] = type ? this.#value(name, type) : true;
    return `$${variable}`;
  }

  #literal(name: string, type: GraphQLInputType): string {
    return literalOf(this.#value(name, type), type);
  }

  /** As it is sent in a variable. */
  #value(name: string, type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return this.#value(name, type.ofType);
    if (isListType(type)) return Array.from({ length: this.#draw(4) }, () => this.#value(name, type.ofType));
    if (isEnumType(type)) return this.#one(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(() => this.#oneIn(3));
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.name, field.type)]));
    }
    if (type.name === 'Int') return this.#oneIn(30) ? this.#one([-1, 1_001]) : this.#draw(5);
    if (type.name === 'Boolean') return this.#oneIn(2);
    if (type.name === 'DateTime')
      return this.#one(['2023-11-14T22:13:21Z', '2023-11-14T22:13:25.5+00:00', '2030-01-01T00:00:00Z']);
    return this.#text(name);
  }

  #text(name: string): string {
    if (this.#oneIn(50)) return 'nothing';
    const runId = this.#oneIn(2) ? RUN_IDS[0] : this.#one(RUN_IDS);
    const label = this.#one(LABELS);
    if (name === 'id' || name === 'ids') {
      return toOpaque(this.#oneIn(2) ? ['DagRun', runId] : ['NodeExecution', runId, label]);
    }
    if (name === 'after' || name === 'before') return toCursor({ startedAt: T, runId });
    if (name === 'label' || name === 'labels') return label;
    return name === 'keys' ? `${label}[${this.#draw(2)}]` : this.#one([runId, 'dag', 'person']);
  }

  #name(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[this.#draw(items.length)] as Item;
  }

  #oneIn(many: number): boolean {
    return this.#draw(many) === 0;
  }
}

function isLeaf(type: GraphQLOutputType): boolean {
  return isLeafType(getNamedType(type));
}

function literalOf(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literalOf(value, type.ofType);
  if (isListType(type) && Array.isArray(value))
    return `[${value.map((item) => literalOf(item, type.ofType)).join(', ')}]`;
  if (isEnumType(type)) return String(value);
  if (!isInputObjectType(type)) return JSON.stringify(value);
  const fields = Object.entries(value as object).map(([name, inner]) => {
    const field = type.getFields()[name];
    return `${name}: ${field ? literalOf(inner, field.type) : 'null'}`;
  });
  return `{ ${fields.join(', ')} }`;
}
