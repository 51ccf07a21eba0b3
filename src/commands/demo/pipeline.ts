/** The pipeline that the demo runs: last night's orders of a shop, region by region. */
import { call, chain, choose, type Dag, map, mapChoose, task } from './dag.ts';
import { Pause } from './execution.ts';

export const PIPELINE = 'shop:nightly_orders';

/** What goes wrong in a run, the first time only: after a restart it works. */
export interface Trouble {
  /** The region whose orders cannot be loaded. */
  readonly failsIn?: string;
  /** Whether a person has to approve the sums first. */
  readonly needsApproval?: boolean;
}

interface OrderLine {
  readonly sku: string;
  readonly country: string;
  readonly cents: number;
}

interface Region {
  readonly name: string;
  readonly countries: readonly string[];
}

interface Download {
  readonly region: string;
  readonly batches: readonly (readonly OrderLine[])[];
}

const REGIONS: readonly Region[] = [
  { name: 'emea', countries: ['DE', 'FR', 'ZA'] },
  { name: 'amer', countries: ['US', 'BR'] },
  { name: 'apac', countries: ['JP', 'AU', 'IN'] },
];

const HOME = ['DE', 'FR'];

export function nightlyOrders(trouble: Trouble = {}): Dag {
  let isLoadingBroken = trouble.failsIn !== undefined;
  let isApproved = !trouble.needsApproval;

  const load = task<{ readonly download: Download; readonly enrich: number }>(1.2, ({ download, enrich }) => {
    if (isLoadingBroken && download.region === trouble.failsIn) {
      isLoadingBroken = false;
      throw new Error(`warehouse ${download.region}-1 did not answer within 30 s; nothing was loaded`);
    }
    return { region: download.region, cents: enrich };
  });
  const approve = task<{ readonly cents: number }>(0.6, (sums) => {
    if (isApproved) return sums;
    isApproved = true;
    throw new Pause('waits for approval');
  });

  return chain({
    list_regions: task(0.9, () => Object.fromEntries(REGIONS.map((region) => [region.name, region]))),
    regions: map({
      nodes: { download: task(1.8, download), enrich: call(enrich), load },
      edges: [
        ['download', 'enrich'],
        ['download', 'load'],
        ['enrich', 'load'],
      ],
    }),
    reconcile: task(1.5, (regions: Readonly<Record<string, { readonly cents: number }>>) => ({
      regions: Object.keys(regions),
      cents: sum(Object.values(regions).map(({ cents }) => cents)),
    })),
    approve,
    publish: choose(({ cents }: { readonly cents: number }) => (cents > 100_000 ? 'dashboard' : 'review'), {
      dashboard: chain({
        render_charts: task(1.6, ({ cents }: { cents: number }) => ({ charts: 4, cents })),
        upload: task(0.8, same),
      }),
      review: chain({ open_ticket: task(0.7, ({ cents }: { cents: number }) => ({ ticket: 'OPS-2417', cents })) }),
    }),
    notify: task(0.5, () => 'sent to #orders'),
  });
}

const lineKinds = {
  domestic: chain({ add_vat: task(0.8, (line: OrderLine) => Math.round(line.cents * 1.19)) }),
  export: chain({
    classify: task(0.6, (line: OrderLine) => ({ ...line, tariff: '8471.30' })),
    declare: task(0.9, (line: OrderLine) => line.cents),
  }),
};

const enrich = chain({
  split: task(0.5, ({ batches }: Download) => batches),
  batches: map(
    chain({
      look_up_prices: task(1.1, same),
      lines: mapChoose((line: OrderLine) => (HOME.includes(line.country) ? 'domestic' : 'export'), lineKinds),
      total: task(0.4, sum),
    }),
  ),
  merge: task(0.5, sum),
});

function download({ name, countries }: Region): Download {
  const batches = Array.from({ length: 2 + chance(2) }, () =>
    Array.from({ length: 1 + chance(3) }, () => ({
      sku: `L-${1000 + chance(9000)}`,
      country: countries[chance(countries.length)] ?? '',
      cents: 500 + chance(15_000),
    })),
  );
  return { region: name, batches };
}

/** A whole number below another. */
function chance(below: number): number {
  return Math.floor(Math.random() * below);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}

function same(input: unknown): unknown {
  return input;
}
