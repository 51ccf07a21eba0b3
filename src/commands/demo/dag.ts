/** DAGs as data: what the demo's pipeline is made of. */

/** Nodes by label, and the edges between them. A node that no edge leads to is a source, one that none leads from a sink. */
export interface Dag {
  readonly nodes: Readonly<Record<string, Node>>;
  readonly edges: readonly (readonly [upstream: string, downstream: string])[];
}

/**
 * A node gets the output of its upstream node; of several, an object of them by label; of none, the run's input. Nothing
 * checks that they fit.
 */
export type Node = Task | Composite;

export interface Task {
  readonly seconds: number;
  readonly work: (input: unknown) => unknown;
}

/** A node that runs DAGs inside. */
export interface Composite {
  readonly partsOf: (label: string, input: unknown) => Part[];
  /** Makes the node's output of what came out of its parts, in their order. */
  readonly join: (outputs: unknown[], input: unknown) => unknown;
}

/** One sub-DAG of a composite node. */
export interface Part {
  /** Its expansion key. */
  readonly key: string;
  readonly dag: Dag;
  readonly input: unknown;
}

type Branches = Readonly<Record<string, Dag>>;

/** Takes about so many seconds, then gives what `work` makes of the input; what `work` throws fails the node. */
export function task<Input>(seconds: number, work: (input: Input) => unknown): Task {
  return { seconds, work: work as (input: unknown) => unknown };
}

/** Runs a DAG for each element of a list or an object: `each[2]`. */
export function map(dag: Dag): Composite {
  return {
    partsOf: (label, input) =>
      entries(input).map(([key, element]) => ({ key: `${label}[${key}]`, dag, input: element })),
    join: (outputs, input) =>
      Array.isArray(input) ? outputs : Object.fromEntries(entries(input).map(([key], index) => [key, outputs[index]])),
  };
}

/** Runs a DAG: `enrich[]`. */
export function call(dag: Dag): Composite {
  return { partsOf: (label, input) => [{ key: `${label}[]`, dag, input }], join: ([output]) => output };
}

/** Runs one of several DAGs: `publish[dashboard]`. */
export function choose<Input>(branch: (input: Input) => string, branches: Branches): Composite {
  return {
    partsOf: (label, input) => {
      const name = branch(input as Input);
      return [{ key: `${label}[${name}]`, dag: branchOf(branches, name), input }];
    },
    join: ([output]) => output,
  };
}

/** Runs one of several DAGs for each element of a list: `lines[0:export]`. */
export function mapChoose<Element>(branch: (element: Element) => string, branches: Branches): Composite {
  return {
    partsOf: (label, input) =>
      entries(input).map(([index, element]) => {
        const name = branch(element as Element);
        return { key: `${label}[${index}:${name}]`, dag: branchOf(branches, name), input: element };
      }),
    join: (outputs) => outputs,
  };
}

/** Nodes one after the other. */
export function chain(nodes: Readonly<Record<string, Node>>): Dag {
  const labels = Object.keys(nodes);
  return { nodes, edges: labels.slice(1).map((label, index) => [labels[index] ?? '', label]) };
}

function branchOf(branches: Branches, name: string): Dag {
  const dag = branches[name];
  if (!dag) throw new RangeError(`there is no branch ${name}, only ${Object.keys(branches).join(', ')}`);
  return dag;
}

function entries(input: unknown): [key: string, element: unknown][] {
  return Object.entries(Object(input));
}
