import { type Inspected, inspectJson } from '../json.ts';
import type { IoPayload, NodeKey } from '../model.ts';
import type { IoSizes, MaybePromise, Store } from '../store/store.ts';
import { builder } from './builder.ts';
import { type Context, read } from './context.ts';
import { DagRunRef } from './dagRun.ts';
import { loader, rowOfEach } from './loader.ts';
import { NodeExecutionRef, nodeKeyText } from './nodeExecution.ts';

/** The input and output of a run or a node. Nothing is read before a field asks for it. */
class Io {
  readonly #readSizes: () => Promise<IoSizes>;
  readonly #readTexts: () => Promise<Texts>;
  #sizes: Promise<IoSizes> | undefined;
  #texts: Promise<Texts> | undefined;

  constructor(readSizes: () => Promise<IoSizes>, readTexts: () => Promise<Texts>) {
    this.#readSizes = readSizes;
    this.#readTexts = readTexts;
  }

  get sizes(): Promise<IoSizes> {
    this.#sizes ??= this.#readSizes();
    return this.#sizes;
  }

  get texts(): Promise<Texts> {
    this.#texts ??= this.#readTexts();
    return this.#texts;
  }
}

/** Texts of a payload, which are parsed once, when their values are asked for. */
class Texts {
  readonly inputJson: string | null;
  readonly outputJson: string | null;
  #input: Inspected | undefined;
  #output: Inspected | undefined;

  constructor(payload: IoPayload | null) {
    this.inputJson = payload?.inputJson ?? null;
    this.outputJson = payload?.outputJson ?? null;
  }

  get input(): Inspected {
    this.#input ??= inspectJson(this.inputJson ?? 'null');
    return this.#input;
  }

  get output(): Inspected {
    this.#output ??= inspectJson(this.outputJson ?? 'null');
    return this.#output;
  }

  /** Why a value is not there, for each that is not; null if both are. */
  get unparsable(): string | null {
    const { input, output } = this;
    const reasons = [
      ...(input.ok ? [] : [`input: ${input.reason}`]),
      ...(output.ok ? [] : [`output: ${output.reason}`]),
    ];
    return reasons.length > 0 ? reasons.join('; ') : null;
  }
}

const IoPayloadRef = builder.objectRef<Io>('IoPayload').implement({
  description:
    'An input and an output. The raw text is the truth; a parsed value is null where JavaScript cannot hold it, and then unparsable says why.',
  fields: (t) => ({
    inputJson: t.string({
      nullable: true,
      description:
        'The input as recorded: JSON, or what Python writes for it, with NaN and integers of any size. Null if there is none.',
      resolve: ({ texts }) => texts.then((of) => of.inputJson),
    }),
    outputJson: t.string({
      nullable: true,
      description: 'The output as recorded, in the same form. Null if there is none (yet).',
      resolve: ({ texts }) => texts.then((of) => of.outputJson),
    }),
    input: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The parsed input; null if there is none, if it is null itself, or if JavaScript cannot hold it.',
      resolve: ({ texts }) => texts.then((of) => held(of.input)),
    }),
    output: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The parsed output; null if there is none, if it is null itself, or if JavaScript cannot hold it.',
      resolve: ({ texts }) => texts.then((of) => held(of.output)),
    }),
    inputBytes: t.int({
      nullable: true,
      description: 'Length of inputJson in UTF-8 bytes, known without reading it; null if there is none.',
      resolve: ({ sizes }) => sizes.then((of) => of.inputBytes),
    }),
    outputBytes: t.int({
      nullable: true,
      description: 'Length of outputJson in UTF-8 bytes, known without reading it; null if there is none.',
      resolve: ({ sizes }) => sizes.then((of) => of.outputBytes),
    }),
    unparsable: t.string({
      nullable: true,
      description: 'What about the input or the output JavaScript cannot hold, and where; null if both are parsed.',
      resolve: ({ texts }) => texts.then((of) => of.unparsable),
    }),
  }),
});

builder.objectField(DagRunRef, 'io', (t) =>
  t.field({
    type: IoPayloadRef,
    description: 'Its source inputs and its sink outputs. Read only when asked for.',
    resolve: ({ runId }, _, context) =>
      new Io(
        () => runSizes(context).load(runId),
        () => runTexts(context).load(runId),
      ),
  }),
);

builder.objectField(NodeExecutionRef, 'io', (t) =>
  t.field({
    type: IoPayloadRef,
    description: 'Its input and its output. Read only when asked for, for many nodes at once.',
    resolve: ({ runId, nodeLabel }, _, context) =>
      new Io(
        () => nodeSizes(context).load({ runId, nodeLabel }),
        () => nodeTexts(context).load({ runId, nodeLabel }),
      ),
  }),
);

const runSizes = loader(async (runIds: readonly string[], context) => {
  const sizes = await read(context, (store) => store.runPayloadSizes(runIds));
  return rowOfEach(runIds, sizes, (size) => size.runId).map((size) => size ?? NO_SIZES);
});

const nodeSizes = loader(async (keys: readonly NodeKey[], context) => {
  const sizes = await read(context, (store) => store.nodePayloadSizes(keys));
  return rowOfEach(keys.map(nodeKeyText), sizes, nodeKeyText).map((size) => size ?? NO_SIZES);
}, nodeKeyText);

const runTexts = loader(async (runIds: readonly string[], context) => {
  await payFor((store) => store.runPayloadSizes(runIds), context);
  const payloads = await read(context, (store) => store.runPayloads(runIds));
  return rowOfEach(runIds, payloads, (payload) => payload.runId).map((payload) => new Texts(payload));
});

const nodeTexts = loader(async (keys: readonly NodeKey[], context) => {
  await payFor((store) => store.nodePayloadSizes(keys), context);
  const payloads = await read(context, (store) => store.nodePayloads(keys));
  return rowOfEach(keys.map(nodeKeyText), payloads, nodeKeyText).map((payload) => new Texts(payload));
}, nodeKeyText);

const NO_SIZES: IoSizes = { inputBytes: null, outputBytes: null };

/** Texts that would not fit into the memory must be refused before they are read, so their sizes are asked for first. */
async function payFor(readSizes: (store: Store) => MaybePromise<IoSizes[]>, { store, budget }: Context): Promise<void> {
  budget.checkTime();
  const sizes = await readSizes(store);
  budget.spendBytes(
    sizes.reduce((sum, { inputBytes, outputBytes }) => sum + (inputBytes ?? 0) + (outputBytes ?? 0), 0),
  );
}

function held(inspected: Inspected): unknown {
  return inspected.ok ? inspected.value : null;
}
