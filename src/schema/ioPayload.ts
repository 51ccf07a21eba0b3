import { type Inspected, inspectJson } from '../json.ts';
import type { DagRun, IoPayload, NodeKey } from '../model.ts';
import type { IoSizes, MaybePromise } from '../store/store.ts';
import { builder } from './builder.ts';
import { type Context, read } from './context.ts';
import { DagRunRef } from './dagRun.ts';
import { loader, rowOfEach } from './loader.ts';
import { many } from './many.ts';
import { NodeExecutionRef, nodeKeyText } from './nodeExecution.ts';

/** What has an input and an output: a run, or a node of a run. */
type IoKey = Pick<DagRun, 'runId'> | NodeKey;

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

/** Nothing is read before a field asks for it. */
const IoPayloadRef = builder.objectRef<IoKey>('IoPayload').implement({
  description:
    'An input and an output. The raw text is the truth; a parsed value is null where JavaScript cannot hold it, and then unparsable says why.',
  fields: (t) => ({
    inputJson: t.string({
      nullable: true,
      description:
        'The input as recorded: JSON, or what Python writes for it, with NaN and integers of any size. Null if there is none.',
      resolve: fromTexts((of) => of.inputJson),
    }),
    outputJson: t.string({
      nullable: true,
      description: 'The output as recorded, in the same form. Null if there is none (yet).',
      resolve: fromTexts((of) => of.outputJson),
    }),
    input: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The parsed input; null if there is none, if it is null itself, or if JavaScript cannot hold it.',
      resolve: fromTexts((of) => held(of.input)),
    }),
    output: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The parsed output; null if there is none, if it is null itself, or if JavaScript cannot hold it.',
      resolve: fromTexts((of) => held(of.output)),
    }),
    inputBytes: t.int({
      nullable: true,
      description: 'Length of inputJson in UTF-8 bytes, known without reading it; null if there is none.',
      resolve: fromSizes((of) => of.inputBytes),
    }),
    outputBytes: t.int({
      nullable: true,
      description: 'Length of outputJson in UTF-8 bytes, known without reading it; null if there is none.',
      resolve: fromSizes((of) => of.outputBytes),
    }),
    unparsable: t.string({
      nullable: true,
      description: 'What about the input or the output JavaScript cannot hold, and where; null if both are parsed.',
      resolve: fromTexts((of) => of.unparsable),
    }),
  }),
});

builder.objectField(DagRunRef, 'io', (t) =>
  t.field({
    type: IoPayloadRef,
    description: 'Its source inputs and its sink outputs. Read only when asked for.',
    resolve: ({ runId }) => ({ runId }),
  }),
);

builder.objectField(NodeExecutionRef, 'io', (t) =>
  t.field({
    type: IoPayloadRef,
    description: 'Its input and its output. Read only when asked for, for many nodes at once.',
    resolve: ({ runId, nodeLabel }) => ({ runId, nodeLabel }),
  }),
);

const sizesOf = loader(async (keys: readonly IoKey[], context) => {
  const sizes = await read(context, () => readSizes(keys, context));
  return rowOfEach(keys.map(ioKeyText), sizes, ioKeyText).map((size) => size ?? NO_SIZES);
}, ioKeyText);

const textsOf = loader(async (keys: readonly IoKey[], context) => {
  const texts: Texts[] = [];
  for (const slice of await payFor(keys, context)) {
    const payloads = await read(context, (store) =>
      ofBoth<IoKey & IoPayload>(
        slice,
        (runIds) => store.runPayloads(runIds),
        (nodeKeys) => store.nodePayloads(nodeKeys),
      ),
    );
    texts.push(...rowOfEach(slice.map(ioKeyText), payloads, ioKeyText).map((payload) => new Texts(payload)));
  }
  return texts;
}, ioKeyText);

const NO_SIZES: IoSizes = { inputBytes: null, outputBytes: null };

/** What is read at once: some milliseconds' work. */
const SLICE_BYTES = 4 * 1024 * 1024;

/**
 * Texts that would not fit into the memory must be refused before they are read, so their sizes are asked for first.
 * Gives the keys, in their order, as slices to be read one after the other.
 */
async function payFor(keys: readonly IoKey[], context: Context): Promise<readonly (readonly IoKey[])[]> {
  context.budget.checkTime();
  const sizes = rowOfEach(keys.map(ioKeyText), await readSizes(keys, context), ioKeyText);
  const slices: IoKey[][] = [];
  let bytes = 0;
  for (const [index, key] of keys.entries()) {
    const { inputBytes, outputBytes } = sizes[index] ?? NO_SIZES;
    const before = bytes;
    bytes += (inputBytes ?? 0) + (outputBytes ?? 0);
    if (index === 0 || Math.floor(bytes / SLICE_BYTES) > Math.floor(before / SLICE_BYTES)) slices.push([]);
    slices.at(-1)?.push(key);
  }
  context.budget.spendBytes(bytes);
  return slices;
}

function readSizes(keys: readonly IoKey[], { store }: Context): Promise<(IoKey & IoSizes)[]> {
  return ofBoth<IoKey & IoSizes>(
    keys,
    (runIds) => store.runPayloadSizes(runIds),
    (nodeKeys) => store.nodePayloadSizes(nodeKeys),
  );
}

/** The rows of runs and those of nodes, each kind read only where there are keys of it. */
async function ofBoth<Row>(
  keys: readonly IoKey[],
  ofRuns: (runIds: string[]) => MaybePromise<Row[]>,
  ofNodes: (nodeKeys: NodeKey[]) => MaybePromise<Row[]>,
): Promise<Row[]> {
  const nodeKeys = keys.filter((key) => 'nodeLabel' in key);
  const runIds = keys.filter((key) => !('nodeLabel' in key)).map(({ runId }) => runId);
  const rows = await Promise.all([
    runIds.length > 0 ? ofRuns(runIds) : [],
    nodeKeys.length > 0 ? ofNodes(nodeKeys) : [],
  ]);
  return rows.flat();
}

/** A text for each key, and no text for two: that of a node begins with a digit. */
function ioKeyText(key: IoKey): string {
  return 'nodeLabel' in key ? nodeKeyText(key) : `run ${key.runId}`;
}

function fromTexts<Value>(get: (texts: Texts) => Value) {
  return many(async (keys: readonly IoKey[], _: object, context) => {
    const values: Value[] = [];
    for (const texts of await textsOf(context).loadMany(keys)) {
      values.push(get(texts));
      const others = context.turns.giveWay();
      if (others) await others;
    }
    return values;
  });
}

function fromSizes(get: (sizes: IoSizes) => number | null) {
  return many(async (keys: readonly IoKey[], _: object, context) => (await sizesOf(context).loadMany(keys)).map(get));
}

function held(inspected: Inspected): unknown {
  return inspected.ok ? inspected.value : null;
}
