// Which page is shown, and keeping it true: everything is asked again every two seconds, and drawn when it changed.

import { h, replace, tick } from './dom.js';
import { overview } from './overview.js';
import { runPage } from './run.js';

const pause = 2000;
const patience = 6000;
const announcementsEvery = 30000;

const main = document.getElementById('main');
const connection = document.getElementById('connection');
const announcements = document.getElementById('announcements');

/** Runs in full, as of the `updated` they had, so that only what changed is asked for. */
const details = new Map();
let drawn = null;
let lastAnswer = null;
let announcementsAt = 0;
let timer = null;
let generation = 0;

async function get(path) {
  const response = await fetch(`api/${path}`, { signal: AbortSignal.timeout(patience), headers: { Accept: 'application/json' } });
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw Object.assign(new Error(body?.detail ?? `The service answered ${response.status}.`), { status: response.status });
}

function page() {
  const match = /^#\/runs\/([a-z0-9._-]{1,64})$/.exec(location.hash);
  return match ? { draw: drawRun, run: match[1] } : { draw: drawOverview };
}

async function drawOverview() {
  const [{ environments }, { approvals }, { runs }] = await Promise.all([get('environments'), get('approvals'), get('runs?limit=15')]);
  const changed = runs.filter((run) => details.get(run.id)?.updated !== run.updated);
  // One run that cannot be read must not take the page with it.
  await Promise.allSettled(changed.map(async (run) => details.set(run.id, await get(`runs/${run.id}`))));
  const shown = new Set(runs.map((run) => run.id));
  for (const id of details.keys()) if (!shown.has(id)) details.delete(id);
  return { title: 'shipit', key: [environments, approvals, runs, [...details.keys()]], nodes: () => overview({ environments, approvals, runs }, details) };
}

async function drawRun({ run: id }) {
  const [run, { environments }] = await Promise.all([get(`runs/${id}`), get('environments')]);
  return { title: `${run.pipeline} ${run.commit.slice(0, 8)} · shipit`, key: [run, environments], nodes: () => runPage(run, environments) };
}

async function drawAnnouncements() {
  if (Date.now() - announcementsAt < announcementsEvery) return;
  const { announcements: found } = await get('announcements');
  announcementsAt = Date.now();
  replace(announcements, found.map((announcement) => h('p', {}, announcement.message)));
  announcements.hidden = found.length === 0;
}

async function refresh() {
  clearTimeout(timer);
  const mine = ++generation;
  const wanted = page();
  try {
    const { title, key, nodes } = await wanted.draw(wanted);
    if (mine !== generation) return;
    const text = JSON.stringify([location.hash, key]);
    if (text !== drawn) {
      replace(main, nodes());
      document.title = title;
      drawn = text;
    }
    lastAnswer = Date.now();
    connected();
    await drawAnnouncements().catch(() => {});
  } catch (error) {
    if (mine !== generation) return;
    if (error.status === 404) notFound(error.message);
    else disconnected();
  }
  if (mine === generation && !document.hidden) timer = setTimeout(refresh, pause);
}

function connected() {
  connection.className = 'connection';
  say('Live');
}

function disconnected() {
  connection.className = 'connection lost';
  say(lastAnswer ? `Connection lost. Shown is what was known at ${new Date(lastAnswer).toLocaleTimeString()}. Trying again…`
    : 'No connection to the control plane yet. Trying again…');
  if (!drawn) replace(main, h('p', { class: 'empty' }, 'Nothing can be shown until the control plane answers.'));
}

function notFound(detail) {
  connected();
  drawn = null;
  replace(main, h('p', { class: 'empty' }, detail, ' ', h('a', { href: '#/' }, 'Back to the overview')));
}

/** Only what is new is said, so that screen readers do not repeat it every two seconds. */
function say(text) {
  if (connection.textContent !== text) connection.textContent = text;
}

addEventListener('hashchange', () => {
  // The link that skips to the content is no page.
  if (location.hash !== '' && !location.hash.startsWith('#/')) return;
  drawn = null;
  refresh().then(() => { main.focus({ preventScroll: true }); scrollTo(0, 0); });
});
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
setInterval(tick, 1000);
refresh();
