// What a month of the bridge takes in requests, and about costs in Azure. Prices are list prices in USD without discounts
// and without what a tax adds; look your region up and change them here.

const DAYS = 30;

const given = {
  /** Linked pairs of one mapping whose fields AuthScape's lists carry, such as the default ones of users. */
  pairs: 100_000,
  /** Records changed a day, on both sides together. */
  changes: 2_000,
  /** Minutes between incremental runs; a full run goes once a day. */
  interval: 15,
  /** GB of an instance. */
  memory: 2,
};

// Measured with 5,000 users and 5,000 contacts on the local stack, two cores, when nothing has changed. Requests count the
// same in Azure; seconds are those of that machine.
const MEASURED_PAIRS = 5_000;
const RUNS = {
  incremental: { dynamics: 6, authScape: 21, storage: 324, seconds: 6.1 },
  full: { dynamics: 3, authScape: 261, storage: 1_176, seconds: 25.2 },
};
/** Rows of Dynamics in one answer. */
const PAGE = 5_000;
/** One changed record, told by an event: both sides are read, one is written, and the write comes back as an event. */
const CHANGE = { dynamics: 2, authScape: 4, storage: 20, executions: 4 };

const PRICES = {
  // Those of functions as in "Azure Functions pricing: Consumption vs. Flex Consumption" (modal.com, May 2025, East US).
  gbSecond: 0.000_026,
  freeGbSeconds: 100_000,
  millionExecutions: 0.4,
  freeExecutions: 250_000,
  tenThousandStorageRequests: 0.004, // that of queues; tables cost a tenth
  storedGb: 0.06, // with copies in three zones
  logGb: 2.76,
  alertRule: 0.5,
  tenThousandVaultRequests: 0.03,
};
const ALERT_RULES = 8;
/** An execution is billed for a second at least. */
const SECONDS = { timer: 1, event: 1 };
const KB = { execution: 3, pair: 4, logged: 2 };

const USAGE = `Usage: node infra/costs.mjs [name=number ...]

Requests and costs of a month. Names and what they are without being given: ${Object.entries(given)
  .map(([name, value]) => `${name}=${value}`)
  .join(', ')}.`;
if (process.argv.includes('--help')) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}

for (const argument of process.argv.slice(2)) {
  const [name = '', value] = argument.split('=');
  if (!Object.hasOwn(given, name) || !(Number(value) > 0)) {
    process.stderr.write(
      `Not known: ${argument}. Known: ${Object.keys(given).join(', ')}, each with a number above 0.\n`,
    );
    process.exit(2);
  }
  given[name] = Number(value);
}

const { pairs, changes, interval, memory } = given;
const scale = pairs / MEASURED_PAIRS;
const month = {
  incremental: Math.round((24 * 60 * DAYS) / interval) - DAYS,
  full: DAYS,
  changes: changes * DAYS,
  ticks: 60 * 24 * DAYS,
};

function requests(of) {
  const perRun = (kind) => month[kind] * RUNS[kind][of] * (of === 'dynamics' ? 1 : scale);
  const pages = of === 'dynamics' ? month.full * Math.ceil(pairs / PAGE) : 0;
  return perRun('incremental') + perRun('full') + pages + month.changes * CHANGE[of];
}

const runSeconds = (month.incremental * RUNS.incremental.seconds + month.full * RUNS.full.seconds) * scale;
const eventExecutions = month.changes * CHANGE.executions;
const seconds = runSeconds + month.ticks * SECONDS.timer + eventExecutions * SECONDS.event;
// A worker hands a run on after a minute.
const executions = month.ticks + month.incremental + month.full + runSeconds / 60 + eventExecutions;
const storedGb = (pairs * KB.pair + month.changes * 12 * KB.logged) / 1e6;
const logGb = (executions * KB.execution) / 1e6;
const vault = (month.ticks + executions) / 10; // credentials are kept for a while
const above = (amount, free) => Math.max(0, amount - free);

const costs = [
  [
    'function time',
    `${round(seconds * memory)} GB-s`,
    above(seconds * memory, PRICES.freeGbSeconds) * PRICES.gbSecond,
  ],
  [
    'executions',
    round(executions),
    (above(executions, PRICES.freeExecutions) / 1e6) * PRICES.millionExecutions,
  ],
  [
    'storage requests',
    round(requests('storage')),
    (requests('storage') / 1e4) * PRICES.tenThousandStorageRequests,
  ],
  ['stored, a year of logs', `${storedGb.toFixed(1)} GB`, storedGb * PRICES.storedGb],
  ['Log Analytics', `${logGb.toFixed(1)} GB`, logGb * PRICES.logGb],
  ['log alerts', ALERT_RULES, ALERT_RULES * PRICES.alertRule],
  ['Key Vault', round(vault), (vault / 1e4) * PRICES.tenThousandVaultRequests],
];
const total = costs.reduce((sum, [, , usd]) => sum + usd, 0);

function round(amount) {
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(amount)) - 1);
  return (Math.round(amount / digits) * digits).toLocaleString('en-US');
}
const line = (what, amount, usd) => `${what.padEnd(24)}${String(amount).padStart(16)}${usd.padStart(8)}`;

const lines = [
  `${pairs.toLocaleString('en-US')} pairs, ${changes.toLocaleString('en-US')} changes a day, a run every ${interval} min, ${memory} GB`,
  line('a month', 'amount', 'USD'),
  ...costs.map(([what, amount, usd]) => line(what, amount, usd.toFixed(2))),
  line('together', '', total.toFixed(2)),
  '',
  line('requests', 'a month', 'a day'),
  ...[
    ['Dataverse', 'dynamics'],
    ['AuthScape', 'authScape'],
  ].map(([what, of]) => line(what, round(requests(of)), round(requests(of) / DAYS))),
];
process.stdout.write(`${lines.join('\n')}\n`);
