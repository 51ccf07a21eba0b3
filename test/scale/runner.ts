/** A runner that reports over HTTP, and repeats what was not acknowledged. */
import { setTimeout } from 'node:timers/promises';
import type { RunEvent } from '../../src/model.ts';
import { formatTime } from '../../src/time.ts';
import type { Step } from './script.ts';

export class Runner {
  /** What a server said is on disk, in order. */
  readonly acknowledged: RunEvent[] = [];
  /** How often something was sent once more. */
  repeats = 0;
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Reports all steps, one after the other with a pause between. Throws if one is refused. */
  async report(steps: Iterable<Step>, pauseMs: number): Promise<void> {
    for (const step of steps) {
      while (!(await this.#send(step))) {
        this.repeats += 1;
        await setTimeout(20);
      }
      this.acknowledged.push(...step);
      await setTimeout(pauseMs);
    }
  }

  /** Whether it was acknowledged. If not, it may be on disk all the same. */
  async #send(step: Step): Promise<boolean> {
    const { query, input } = requestOf(step);
    const answer = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { input } }),
    })
      .then((response): Promise<Answer> => response.json())
      .catch(() => null);
    const { errors = [], data } = answer ?? {};
    const refusals =
      data?.recorded?.userErrors ?? errors.filter(({ extensions }) => !MAY_HEAL.includes(extensions?.code));
    if (refusals.length > 0) throw new Error(JSON.stringify({ step, refusals }));
    return data?.recorded != null;
  }
}

interface Answer {
  readonly data?: { readonly recorded: { readonly userErrors: readonly object[] } | null } | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[];
}

/** Codes of errors after which it is worth to try again. */
export const MAY_HEAL: readonly unknown[] = ['STORE_BUSY', 'STORE_UNAVAILABLE'];

interface Request {
  readonly query: string;
  readonly input: object;
}

const MUTATIONS: Readonly<Record<RunEvent['type'], string>> = {
  runCreated: 'createRun',
  runStatusChanged: 'updateRunStatus',
  runFinished: 'finishRun',
  nodeStarted: 'recordNodeStart',
  nodeCompleted: 'completeNodeWithEdges',
  nodeFailed: 'recordNodeFailed',
  nodeSkipped: 'recordNodeSkipped',
  edgeTraversed: 'recordEdgeTraversal',
};

/** One event goes as a mutation of its own, several go together. */
function requestOf(step: Step): Request {
  const [first] = step;
  if (first && step.length === 1) return mutation(MUTATIONS[first.type], inputOf(first));
  return mutation('recordEvents', { events: step.map((event) => ({ [event.type]: inputOf(event) })) });
}

function mutation(name: string, input: object): Request {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return {
    query: `mutation ($input: ${type}!) { recorded: ${name}(input: $input) { userErrors { code message } } }`,
    input,
  };
}

function inputOf(event: RunEvent): object {
  const { type: _, at, ...input } = event;
  return {
    ...input,
    at: typeof at === 'number' ? formatTime(at) : null,
    ...('status' in event ? { status: event.status.toUpperCase() } : {}),
    ...(event.type === 'nodeCompleted' ? { edges: event.edges ?? [] } : {}),
  };
}
