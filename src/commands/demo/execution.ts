import { randomUUID } from 'node:crypto';
import type { Recorder } from '../../client/recorder.ts';
import type { Clock } from './clock.ts';
import type { Composite, Dag, Node } from './dag.ts';

/** Thrown by a task to pause its run; a restart runs the task again. */
export class Pause extends Error {}

/** What all runs of a tree share. */
export interface Surroundings {
  readonly recorder: Recorder;
  readonly clock: Clock;
}

export interface RunRequest {
  readonly dag: Dag;
  readonly nsref: string;
  readonly input: unknown;
  readonly parentRunId?: string;
  readonly initiatedBy?: string;
  /** A replay: outputs of an earlier run by label, for nodes that are not to run again. */
  readonly reused?: ReadonlyMap<string, unknown>;
}

type Outputs = Map<string, unknown>;

/**
 * One run of a DAG, recorded as it goes. Nodes run as soon as their upstream nodes have completed. After a failure or a
 * pause it can be restarted: what has completed is kept, and a composite node runs all its parts again.
 */
export class Execution {
  readonly #runId = randomUUID();
  readonly #surroundings: Surroundings;
  readonly #request: RunRequest;
  readonly #outputs: Outputs = new Map();
  /** Why it goes on no more: no node starts then. */
  #halt: { readonly reason: unknown } | null = null;

  constructor(surroundings: Surroundings, request: RunRequest) {
    this.#surroundings = surroundings;
    this.#request = request;
  }

  /** Outputs of the nodes that have completed, by label. */
  get outputs(): ReadonlyMap<string, unknown> {
    return this.#outputs;
  }

  /** Gives what came out of its sinks: one output, or an object of them by label. Rejects with why it did not complete. */
  async start(): Promise<unknown> {
    const { nsref, input, parentRunId, initiatedBy, reused = new Map() } = this.#request;
    const { recorder } = this.#surroundings;
    await recorder.createRun(this.#runId, nsref, input, { parentRunId, initiatedBy, ...this.#now() });
    for (const [label, output] of reused) {
      await recorder.recordNodeSkipped(this.#runId, label, output, this.#now());
      this.#outputs.set(label, output);
    }
    return this.#proceed();
  }

  /** As `start`, for a run that failed or paused. */
  async restart(): Promise<unknown> {
    this.#halt = null;
    await this.#surroundings.recorder.updateRunStatus(this.#runId, 'running', this.#now());
    return this.#proceed();
  }

  async #proceed(): Promise<unknown> {
    const { nodes, edges } = this.#request.dag;
    const labels = Object.keys(nodes);
    const ends = new Map<string, Promise<unknown>>();
    const endOf = (label: string): Promise<unknown> => {
      const end = ends.get(label) ?? this.#runNode(label, endOf);
      ends.set(label, end);
      return end;
    };
    await Promise.allSettled(labels.map(endOf));
    if (this.#halt) throw this.#halt.reason;

    const sinks = labels.filter((label) => !edges.some(([upstream]) => upstream === label));
    const sinkOutputs = sinks.map((label) => [label, this.#outputs.get(label)] as const);
    await this.#surroundings.recorder.finishRun(this.#runId, 'completed', Object.fromEntries(sinkOutputs), this.#now());
    return oneOrAll(sinkOutputs);
  }

  async #runNode(label: string, endOf: (label: string) => Promise<unknown>): Promise<unknown> {
    if (this.#outputs.has(label)) return this.#outputs.get(label);
    const { dag, input: runInput } = this.#request;
    const { recorder } = this.#surroundings;
    const upstream = dag.edges.filter(([, downstream]) => downstream === label).map(([from]) => from);
    const arrived = await Promise.all(upstream.map(async (from) => [from, await endOf(from)] as const));
    if (this.#halt) throw this.#halt.reason;

    const edges = dag.edges
      .filter(([from]) => from === label)
      .map(([upstreamLabel, downstreamLabel]) => ({ upstreamLabel, downstreamLabel }));
    const isSource = upstream.length === 0;
    const input = isSource ? runInput : oneOrAll(arrived);
    try {
      await recorder.recordNodeStart(this.#runId, label, input, {
        isSource,
        isSink: edges.length === 0,
        ...this.#now(),
      });
      const output = await this.#perform(label, input);
      await recorder.completeNodeWithEdges(this.#runId, label, output, edges, this.#now());
      this.#outputs.set(label, output);
      return output;
    } catch (error) {
      await this.#stop(label, error);
      throw error;
    }
  }

  async #perform(label: string, input: unknown): Promise<unknown> {
    const node: Node | undefined = this.#request.dag.nodes[label];
    if (!node) throw new RangeError(`an edge names ${label}, and there is no such node`);
    if (!('work' in node)) return this.#performInside(label, node, input);
    await this.#surroundings.clock.sleep(node.seconds * (0.7 + 0.6 * Math.random()));
    return node.work(input);
  }

  async #performInside(label: string, node: Composite, input: unknown): Promise<unknown> {
    const parts = node.partsOf(label, input).map((part) => {
      const nsref = `${this.#request.nsref}/${part.key}`;
      const request: RunRequest = { dag: part.dag, nsref, input: part.input, parentRunId: this.#runId };
      return { key: part.key, execution: new Execution(this.#surroundings, request) };
    });
    const ends = await Promise.allSettled(parts.map(({ execution }) => execution.start()));
    const outputs = ends.map((end, index) => {
      if (end.status === 'fulfilled') return end.value;
      const { message } = end.reason instanceof Error ? end.reason : { message: String(end.reason) };
      throw new Error(`Sub-DAG ${parts[index]?.key} failed: ${message}`, { cause: end.reason });
    });
    return node.join(outputs, input);
  }

  /** Records why a node did not complete. The first such node ends or pauses the run. */
  async #stop(label: string, reason: unknown): Promise<void> {
    const { recorder, clock } = this.#surroundings;
    const isFirst = this.#halt === null;
    this.#halt ??= { reason };
    if (clock.signal.aborted) {
      if (isFirst) await recorder.finishRun(this.#runId, 'cancelled', undefined, this.#now());
    } else if (!isFirst) {
      await recorder.recordNodeFailed(this.#runId, label, reason, this.#now());
    } else if (reason instanceof Pause) {
      await recorder.updateRunStatus(this.#runId, 'paused', this.#now());
    } else {
      await recorder.failNodeAndFinishRun(this.#runId, label, reason, this.#now());
    }
  }

  #now(): { readonly at: number } {
    return { at: this.#surroundings.clock.now() };
  }
}

function oneOrAll(outputs: readonly (readonly [label: string, output: unknown])[]): unknown {
  return outputs.length === 1 ? outputs[0]?.[1] : Object.fromEntries(outputs);
}
