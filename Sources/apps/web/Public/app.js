// Which page is shown, and keeping it true: everything is asked again every two seconds, and drawn when it changed.

import { get } from './api.js';
import { approvalPage } from './approval.js';
import { differencePage } from './difference.js';
import { h, replace, tick } from './dom.js';
import { environmentPage } from './environment.js';
import { figuresPage } from './figures.js';
import { overviewPage } from './overview.js';
import { rollbackPage } from './rollback.js';
import { runPage } from './run.js';
import { runsPage } from './runs.js';

const pause = 2000;
const announcementsEvery = 30000;

const id = '([a-z0-9._-]{1,64})';
/** Each page: its address, and what asks for its data and answers with how to draw it. */
const pages = [
  ['/', overviewPage],
  ['/runs', runsPage],
  [`/runs/${id}`, runPage],
  [`/runs/${id}/approval/${id}`, approvalPage],
  [`/environments/${id}`, environmentPage],
  [`/environments/${id}/compare/${id}/${id}`, differencePage],
  [`/environments/${id}/rollback`, rollbackPage],
  [`/figures(?:/${id})?`, figuresPage],
].map(([address, load]) => ({ address: new RegExp(`^${address}$`), load }));

const main = document.getElementById('main');
const connection = document.getElementById('connection');
const announcements = document.getElementById('announcements');
const places = [...document.querySelectorAll('.places a')];

let drawn = null;
let lastAnswer = null;
let announcementsAt = 0;
let timer = null;
let generation = 0;
let place = location.hash;

function wanted() {
  const [path, query] = (location.hash.slice(1) || '/').split('?');
  for (const { address, load } of pages) {
    const match = address.exec(path);
    if (match) return () => load(match.slice(1), new URLSearchParams(query));
  }
  return () => Promise.reject(Object.assign(new Error('There is no such page.'), { status: 404 }));
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
  try {
    const { title, key, draw } = await wanted()();
    if (mine !== generation) return;
    const text = JSON.stringify([location.hash, key]);
    if (text !== drawn) {
      const nodes = [draw()].flat();
      // A page that brought itself up to date is there already.
      if (nodes.length !== 1 || nodes[0] !== main.firstElementChild) replace(main, nodes);
      document.title = `${title} · shipit`;
      drawn = text;
    }
    lastAnswer = Date.now();
    connected();
    await drawAnnouncements().catch(() => {});
  } catch (error) {
    if (mine !== generation) return;
    if (error.status === 404 || error.status === 400) notFound(error.message);
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

function samePage(one, other) {
  const page = (hash) => hash.split('?')[0].replace(/\/compare\/.*/, '');
  return page(one) === page(other);
}

function markPlace() {
  const path = location.hash.slice(1).split('?')[0] || '/';
  for (const link of places) {
    const target = link.hash.slice(1);
    if (target === '/' ? path === '/' || path.startsWith('/environments') : path.startsWith(target)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

addEventListener('hashchange', () => {
  // The link that skips to the content is no page.
  if (location.hash !== '' && !location.hash.startsWith('#/')) return;
  drawn = null;
  markPlace();
  // Another choice on the same page leaves the keyboard where it is.
  const isSame = samePage(place, location.hash);
  place = location.hash;
  refresh().then(() => { if (!isSame) { main.focus({ preventScroll: true }); scrollTo(0, 0); } });
});
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
setInterval(tick, 1000);
markPlace();
refresh();
