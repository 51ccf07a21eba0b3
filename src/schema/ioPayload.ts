import { type Inspected, inspectJson } from '../json.ts';
import type { DagRun, IoPayload, NodeExecution, NodeKey } from '../model.ts';
import type { IoSizes, MaybePromise } from '../store/store.ts';
import { builder } from './builder.ts';
import { type Context, read } from './context.ts';
import { DagRunRef } from './dagRun.ts';
import { type Loader, loader, rowOfEach } from './loader.ts';
import { many } from './many.ts';
import { NodeExecutionRef, nodeKeyText } from './nodeExecution.ts';

/** What has an input and an output, as it was read. */
type Io = DagRun | NodeExecution;

/** Which of them a payload is of. */
type IoKey = Pick<DagRun, 'runId'> | NodeKey;

/** Nothing is read before a field asks for it. */
const IoPayloadRef = builder.objectRef<Io>('IoPayload').implement({
  description:
    'An input and an output. The raw text is the truth; a parsed value is null where JavaScript cannot hold it, and then unparsable says why.',
  fields: (t) => ({
    inputJson: t.string({
      nullable: true,
      description:
        'The input as recorded: JSON, or what Python writes for it, with NaN and integers of any size. Null if there is none.',
      resolve: fromTexts('inputJson'),
    }),
    outputJson: t.string({
      nullable: true,
      description: 'The output as recorded, in the same form. Null if there is none (yet).',
      resolve: fromTexts('outputJson'),
    }),
    input: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The parsed input; null if there is none, if it is null itself, or if JavaScript cannot hold it.',
      resolve: fromValues((context) => inputOf(context)),
    }),
    output: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The parsed output; null if there is none, if it is null itself, or if JavaScript cannot hold it.',
      resolve: fromValues((context) => outputOf(context)),
    }),
    inputBytes: t.int({
      nullable: true,
      description: 'Length of inputJson in UTF-8 bytes, known without reading it; null if there is none.',
      resolve: fromSizes('inputBytes'),
    }),
    outputBytes: t.int({
      nullable: true,
      description: 'Length of outputJson in UTF-8 bytes, known without reading it; null if there is none.',
      resolve: fromSizes('outputBytes'),
    }),
    unparsable: t.string({
      nullable: true,
      description: 'What about the input or the output JavaScript cannot hold, and where; null if both are parsed.',
      resolve: many(async (ios, _, context) => {
        const inputs = await inputOf(context).loadMany(ios);
        const outputs = await outputOf(context).loadMany(ios);
        return inputs.map((input, index) => whyNotHeld({ input, output: outputs[index] }));
      }),
    }),
  }),
});

builder.objectField(DagRunRef, 'io', (t) =>
  t.field({
    type: IoPayloadRef,
    description: 'Its source inputs and its sink outputs. Read only when asked for.',
    resolve: (run) => run,
  }),
);

builder.objectField(NodeExecutionRef, 'io', (t) =>
  t.field({
    type: IoPayloadRef,
    description: 'Its input and its output. Read only when asked for, for many nodes at once.',
    resolve: (node) => node,
  }),
);

const sizesOf = loader(async (ios: readonly Io[], context) => {
  const sizes = await read(context, () => readSizes(ios, context));
  return rowOfIo(ios, sizes).map((size) => size ?? NO_SIZES);
});

const NO_SIZES: IoSizes = { inputBytes: null, outputBytes: null };

/** What is small is read at once: together no more than a slice, nor more than is left. What is missing then is large, or not there. */
const textsOf = loader(async (ios: readonly Io[], context) => {
  const { budget } = context;
  const most = Math.floor(Math.min(SLICE_BYTES, budget.bytesLeft) / ios.length);
  const rows = await readTexts(ios, context, most);
  budget.spendBytes(rows.reduce((bytes, texts) => bytes + bytesOf(texts), 0));
  const small = rowsInOrder(ios, rows) ?? rowOfIo(ios, rows);
  const missing = ios.filter((_, index) => small[index] === null);
  const slices = missing.length > 0 ? await payFor(missing, context) : [];
  for (const slice of slices) rows.push(...(await readTexts(slice, context)));
  const texts = slices.length > 0 ? rowOfIo(ios, rows) : small;
  return texts.map((row) => row ?? NO_TEXTS);
});

const NO_TEXTS: IoPayload = { inputJson: null, outputJson: null };

const inputOf = inspecting('inputJson');
const outputOf = inspecting('outputJson');

/** Texts are parsed once, when their values are asked for. That takes long: others have their turn in between. */
function inspecting(name: keyof IoPayload) {
  return loader(async (ios: readonly Io[], context) => {
    const inspected: Inspected[] = [];
    for (const texts of await textsOf(context).loadMany(ios)) {
      inspected.push(inspectJson(texts[name] ?? 'null'));
      const others = context.turns.giveWay();
      if (others) await others;
    }
    return inspected;
  });
}

/** What is read at once: some milliseconds' work. */
const SLICE_BYTES = 4 * 1024 * 1024;

/**
 * Texts that would not fit into the memory must be refused before they are read, so their sizes are asked for first.
 * Gives the keys of those that there are, as slices to be read one after the other.
 */
async function payFor(keys: readonly IoKey[], context: Context): Promise<readonly (readonly IoKey[])[]> {
  context.budget.checkTime();
  const slices: IoKey[][] = [];
  let bytes = 0;
  for (const row of await readSizes(keys, context)) {
    const before = bytes;
    bytes += (row.inputBytes ?? 0) + (row.outputBytes ?? 0);
    const isNext = Math.floor(bytes / SLICE_BYTES) > Math.floor(before / SLICE_BYTES);
    if (slices.length === 0 || isNext) slices.push([]);
    slices.at(-1)?.push(row);
  }
  context.budget.spendBytes(bytes);
  return slices;
}

function readTexts(keys: readonly IoKey[], context: Context, most?: number): Promise<(IoKey & IoPayload)[]> {
  return read(context, (store) =>
    ofBoth<IoKey & IoPayload>(
      keys,
      (runIds) => store.runPayloads(runIds, most),
      (nodeKeys) => store.nodePayloads(nodeKeys, most),
    ),
  );
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

/** For each key the row that has it, or null. */
function rowOfIo<Row extends IoKey>(keys: readonly IoKey[], rows: readonly Row[]): (Row | null)[] {
  return rowOfEach(keys.map(ioKeyText), rows, ioKeyText);
}

/** As `rowOfIo`, without a look-up for each; undefined if rows come in another order than their keys, which is rare. */
function rowsInOrder<Row extends IoKey>(keys: readonly IoKey[], rows: readonly Row[]): (Row | null)[] | undefined {
  let next = 0;
  const inOrder = keys.map((key) => {
    const row = rows[next];
    if (row === undefined || row.runId !== key.runId || labelOf(row) !== labelOf(key)) return null;
    next++;
    return row;
  });
  return next === rows.length ? inOrder : undefined;
}

function labelOf(key: IoKey): string | undefined {
  return 'nodeLabel' in key ? key.nodeLabel : undefined;
}

/** A text for each key, and no text for two: that of a node begins with a digit. */
function ioKeyText(key: IoKey): string {
  return 'nodeLabel' in key ? nodeKeyText(key) : `run ${key.runId}`;
}

function bytesOf({ inputJson, outputJson }: IoPayload): number {
  return Buffer.byteLength(inputJson ?? '') + Buffer.byteLength(outputJson ?? '');
}

function fromTexts(name: keyof IoPayload) {
  return many(async (ios: readonly Io[], _: object, context) =>
    (await textsOf(context).loadMany(ios)).map((texts) => texts[name]),
  );
}

function fromValues(valuesOf: (context: Context) => Loader<Io, Inspected>) {
  return many(async (ios: readonly Io[], _: object, context) => (await valuesOf(context).loadMany(ios)).map(held));
}

function fromSizes(name: keyof IoSizes) {
  return many(async (ios: readonly Io[], _: object, context) =>
    (await sizesOf(context).loadMany(ios)).map((sizes) => sizes[name]),
  );
}

/** Of each value that is not held; null if all are. */
function whyNotHeld(inspected: Readonly<Record<string, Inspected | undefined>>): string | null {
  const reasons = Object.entries(inspected).flatMap(([name, of]) => (!of || of.ok ? [] : [`${name}: ${of.reason}`]));
  return reasons.length > 0 ? reasons.join('; ') : null;
}

function held(inspected: Inspected): unknown {
  return inspected.ok ? inspected.value : null;
}
