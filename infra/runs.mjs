/**
 * Which runs of the deployment workflow may be trusted with a package.
 *
 * A name proves nothing: whoever opens a pull request can have a workflow of this repository keep files under any. So a
 * package counts only if the deployment workflow itself made it, of a commit in this repository, for a tag or by hand.
 */
const USAGE = `Usage: node infra/runs.mjs check <run>        fails unless the run may be trusted
       node infra/runs.mjs newest <artifact>  prints the newest run that may be and has the artifact; nothing without one

GITHUB_API_URL, GITHUB_REPOSITORY and GH_TOKEN are those of a GitHub workflow.`;
const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GH_TOKEN: token } = process.env;
const WORKFLOW = '.github/workflows/deploy.yml';
const EVENTS = ['push', 'workflow_dispatch'];
const PAGE = 100;

async function get(path) {
  const response = await fetch(`${api}/repos/${repository}/actions/${path}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' },
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${path}.`);
  return response.json();
}

async function mayBeTrusted(id) {
  if (!/^\d+$/.test(id)) return false;
  const run = await get(`runs/${id}`);
  // The fork of a pull request may be gone by now, and then has no id.
  const isOurs = run.repository?.id !== undefined && run.head_repository?.id === run.repository.id;
  return isOurs && run.path.split('@')[0] === WORKFLOW && EVENTS.includes(run.event);
}

async function artifactsNamed(name) {
  const found = [];
  for (let page = 1; ; page += 1) {
    const { artifacts } = await get(
      `artifacts?name=${encodeURIComponent(name)}&per_page=${PAGE}&page=${page}`,
    );
    found.push(...artifacts);
    if (artifacts.length < PAGE) return found;
  }
}

async function newestRunWith(name) {
  const kept = (await artifactsNamed(name)).filter(
    ({ expired, workflow_run: run }) => !expired && run && run.head_repository_id === run.repository_id,
  );
  kept.sort((one, other) => other.created_at.localeCompare(one.created_at));
  for (const { workflow_run: run } of kept) if (await mayBeTrusted(String(run.id))) return run.id;
  return undefined;
}

const [, , verb, argument = ''] = process.argv;
if (process.argv.includes('--help')) {
  console.log(USAGE);
  process.exit(0);
}
if (verb === 'newest') {
  const run = await newestRunWith(argument);
  if (run !== undefined) console.log(run);
} else if (verb === 'check') {
  if (!(await mayBeTrusted(argument))) {
    console.error(`Run ${argument} is no run of the deployment workflow for a commit of this repository.`);
    process.exitCode = 1;
  }
} else {
  console.error(USAGE);
  process.exitCode = 2;
}
