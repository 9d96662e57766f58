// Which page is shown, and keeping it true: it is asked again every two seconds, or when a run that is followed says so, and drawn when
// it changed.

import { delay, get } from './api.js';
import { approvalPage } from './approval.js';
import { differencePage } from './difference.js';
import { h, replace, tick } from './dom.js';
import { environmentPage } from './environment.js';
import { figuresPage } from './figures.js';
import { overviewPage } from './overview.js';
import { rollbackPage } from './rollback.js';
import { runPage } from './run.js';
import { runsPage } from './runs.js';
import { forgetPerson, identify, signInPage } from './session.js';
import { follow } from './stream.js';

const pause = 2000;
/** While a run is followed, only what is around it has to be asked for. */
const longPause = 15000;
const announcementsEvery = 30000;

const id = '([a-z0-9._-]{1,64})';
/** Each page: its address, and what asks for its data, by what it is given for that, and answers with how to draw it. */
const pages = [
  ['/', overviewPage],
  ['/runs', runsPage],
  [`/runs/${id}`, runPage],
  [`/runs/${id}/approval/${id}`, approvalPage],
  [`/environments/${id}`, environmentPage],
  [`/environments/${id}/compare/${id}/${id}`, differencePage],
  [`/environments/${id}/rollback`, rollbackPage],
  [`/figures(?:/${id})?`, figuresPage],
  ['/sign-in', () => signInPage()],
].map(([address, load]) => ({ address: new RegExp(`^${address}$`), load }));

const main = document.getElementById('main');
const connection = document.getElementById('connection');
const announcements = document.getElementById('announcements');
const places = [...document.querySelectorAll('.places a')];

let drawn = null;
let lastAnswer = null;
let announcementsAt = 0;
let timer = null;
/** What ends the question that is under way; and whether something happened since it was asked. */
let asking = null;
let isOvertaken = false;
/** Until when nothing is asked again, because the control plane wants to be left alone. */
let restsUntil = 0;
/** Whether nothing can be read without signing in, so that asking again is of no use until a person does something. */
let isSignedOut = false;
let place = location.hash;
/** The run that is followed: its id, whether its events come, and how to stop. */
let followed = null;
let isDue = false;

function wanted() {
  const [path, query] = (location.hash.slice(1) || '/').split('?');
  for (const { address, load } of pages) {
    const match = address.exec(path);
    if (match) return (leaving) => load(match.slice(1), new URLSearchParams(query), (asked) => get(asked, leaving));
  }
  return () => Promise.reject(Object.assign(new Error('There is no such page.'), { status: 404 }));
}

async function drawAnnouncements() {
  if (Date.now() - announcementsAt < announcementsEvery) return;
  announcementsAt = Date.now();
  const { announcements: found } = await get('announcements');
  replace(announcements, found.map((announcement) => h('p', {}, announcement.message)));
  announcements.hidden = found.length === 0;
}

/**
 * Asks for the page and draws it, one question at a time: what happens meanwhile asks once more afterwards, so that a page of which more
 * happens than can be asked for is drawn all the same.
 */
async function refresh() {
  if (asking) {
    isOvertaken = true;
    return;
  }
  clearTimeout(timer);
  if (Date.now() < restsUntil) {
    timer = setTimeout(refresh, restsUntil - Date.now());
    return;
  }
  const mine = new AbortController();
  [asking, isOvertaken] = [mine, false];
  const isOver = await show(mine.signal);
  if (asking !== mine) return;
  asking = null;
  if (isOver) return;
  if (isOvertaken) soon();
  else if (!document.hidden) timer = setTimeout(refresh, Math.max(restsUntil - Date.now(), followed?.state === 'live' ? longPause : pause));
}

/** Asks anew: what was asked before is of no use any more. */
function restart() {
  asking?.abort();
  [asking, drawn, restsUntil] = [null, null, 0];
  return refresh();
}

/** Asks for the page, once, and draws it; answers whether it is of no use to ask again until a person does something. */
async function show(leaving) {
  try {
    const { title, key, draw, follows, isStill } = await wanted()(leaving);
    if (leaving.aborted) return true;
    isSignedOut = false;
    keepFollowing(follows);
    const text = JSON.stringify([location.hash, key]);
    if (text !== drawn) {
      replace(main, draw);
      document.title = `${title} · shipit`;
      drawn = text;
    }
    lastAnswer = Date.now();
    connected();
    if (isStill) return true;
    drawAnnouncements().catch(() => {});
  } catch (error) {
    if (leaving.aborted) return true;
    if (error.status === 401) {
      await askWho();
      return true;
    }
    if (error.status === 403 || error.status === 404 || error.status === 400) notFound(error.message);
    else if (delay(error)) delayed(error);
    else disconnected();
  }
  return false;
}

/** Follows the run that the page is about, as long as it is and can go on. */
function keepFollowing(run) {
  if (followed && followed.id === run?.id) return;
  followed?.stop();
  followed = null;
  if (!run) return;
  const mine = { id: run.id, state: 'waiting', stop: () => {} };
  followed = mine;
  mine.stop = follow(run.id, run.position, soon, (state) => {
    mine.state = state;
    if (followed === mine && state !== 'live') soon();
  });
}

/** Several events at once are one reason to ask. */
function soon() {
  if (isDue) return;
  isDue = true;
  setTimeout(() => { isDue = false; refresh(); }, 80);
}

/** Shows the way to sign in, where nothing can be read without. */
async function askWho() {
  isSignedOut = true;
  forgetPerson();
  keepFollowing(null);
  connection.className = 'connection behind';
  say('Not signed in');
  const { draw } = await signInPage('What this service shows is for people with a token.');
  if (drawn !== 'sign-in') replace(main, draw);
  drawn = 'sign-in';
  document.title = 'Sign in · shipit';
}

function connected() {
  const isBehind = followed?.state === 'lost';
  connection.className = isBehind ? 'connection behind' : 'connection';
  say(isBehind ? 'Not live: asked again every 2 s' : followed?.state === 'live' ? 'Live' : 'Up to date');
}

function disconnected() {
  connection.className = 'connection lost';
  say(lastAnswer ? `Connection lost.${shownSince()} Trying again…` : 'No connection to the control plane yet. Trying again…');
  drawNothing();
}

/** The control plane is there, and puts off what it is asked. */
function delayed(error) {
  const rest = Math.max(pause, error.rest);
  restsUntil = Date.now() + rest;
  connection.className = 'connection behind';
  say(`${delay(error)}: asked again in ${Math.ceil(rest / 1000)} s.${shownSince()}`);
  drawNothing();
}

function shownSince() {
  return lastAnswer ? ` Shown is what was known at ${new Date(lastAnswer).toLocaleTimeString()}.` : '';
}

function drawNothing() {
  if (!drawn) replace(main, h('p', { class: 'empty' }, 'Nothing can be shown until the control plane answers.'));
}

function notFound(detail) {
  connected();
  keepFollowing(null);
  const text = JSON.stringify([location.hash, 'nothing', detail]);
  if (text === drawn) return;
  replace(main, h('h1', { class: 'unseen' }, 'Nothing is shown'),
    h('p', { class: 'empty' }, detail, ' ', h('a', { href: '#/', 'data-key': 'back' }, 'Back to the overview')));
  document.title = 'Nothing is shown · shipit';
  drawn = text;
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
  markPlace();
  // Another choice on the same page leaves the keyboard where it is.
  const isSame = samePage(place, location.hash);
  place = location.hash;
  if (!isSame) keepFollowing(null);
  restart().then(() => { if (!isSame) { main.focus({ preventScroll: true }); scrollTo(0, 0); } });
});
/** Somebody is there: what was not asked for meanwhile is, perhaps in the name of who signed in elsewhere. */
async function wake() {
  if (isSignedOut) await identify();
  refresh();
}

document.addEventListener('visibilitychange', () => { if (!document.hidden) wake(); });
document.addEventListener('click', ({ target }) => { if (isSignedOut && !target.closest('form')) wake(); });
addEventListener('changed', restart);
addEventListener('online', () => refresh());
setInterval(tick, 1000);
markPlace();
identify().then(refresh);
