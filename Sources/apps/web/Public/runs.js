// All runs, page by page, and those of one status.

import { ago, commit, crumbs, empty, h, label } from './dom.js';
import { isOpen, runTime, stageSymbol } from './states.js';

const size = 50;
const filters = [
  ['All', ''], ['Under way', 'running,waiting,interrupted'], ['Waiting', 'waiting'], ['Failed', 'failed,indeterminate'], ['Succeeded', 'succeeded,reached'],
  ['Cancelled', 'cancelled'],
];

export async function runsPage(_, query, get) {
  const status = filters.find(([, value]) => value === query.get('status'))?.[1] ?? '';
  const before = query.get('before');
  const { runs, next } = await get(`runs?limit=${size}${status && `&status=${status}`}${before ? `&before=${before}` : ''}`);
  return { title: 'Runs', key: [runs, next], draw: () => draw(runs, next, status, before) };
}

function draw(runs, next, status, before) {
  return [
    crumbs(['Overview', '#/'], ['Runs']),
    h('div', { class: 'title' }, h('h1', {}, 'Runs')),
    h('nav', { class: 'filters', 'aria-label': 'Status' }, h('ul', { class: 'plain' }, filters.map(([name, value]) =>
      h('li', {}, h('a', { href: address(value), 'aria-current': value === status && 'true', 'data-key': `filter-${name}` }, name))))),
    runs.length ? h('ol', { class: 'runs' }, runs.map((run) => runRow(run)))
      : status || before ? empty(next ? 'None among the last few thousand runs.' : 'There are no more such runs.') : empty('There was no run yet. ', 'shipit plan'),
    h('nav', { class: 'pages', 'aria-label': 'Pages' },
      before ? h('a', { href: address(status), 'data-key': 'newest' }, '← Newest') : h('span', {}),
      next && h('a', { href: address(status, next), rel: 'next', 'data-key': 'older' }, runs.length ? 'Older →' : 'Look further back →')),
  ];
}

function address(status, before) {
  const query = new URLSearchParams({ ...(status && { status }), ...(before && { before }) }).toString();
  return query ? `#/runs?${query}` : '#/runs';
}

/** A run in one line; with its stages, where `detail` is the run in full. */
export function runRow(run, detail) {
  return h('li', {},
    h('a', { class: 'run', href: `#/runs/${run.id}`, 'data-key': `run-${run.id}` },
      h('span', { class: 'run-state' }, label(run.status)),
      h('span', { class: 'run-name' }, h('span', { class: 'run-title' }, run.pipeline, ' ', commit(run.commit, run.isDirty)),
        h('span', { class: 'muted run-reason' }, trouble(run) ?? run.reason)),
      detail ? strip(detail) : progress(run),
      h('span', { class: 'run-count' }, h('span', { 'aria-hidden': 'true' }, `${run.done}/${run.wanted}`),
        h('span', { class: 'unseen' }, `${run.done} of ${run.wanted} stages done`)),
      h('span', { class: 'run-when muted' }, h('span', {}, ago(run.created), ' · ', runTime(run)),
        h('span', { class: 'who' }, run.by))));
}

function trouble(run) {
  if (run.failed) return `${run.failed} ${isOpen(run.status) ? 'needs a look' : 'failed'}`;
  if (run.waiting.length) return `${run.waiting.join(', ')} waits for a person`;
  return null;
}

/** The stages one by one, where they fit; else how far the run is. */
function strip(run) {
  const stages = run.stages.filter((stage) => stage.isWanted);
  if (stages.length > 16) return progress({ ...run, done: stages.filter(({ state }) => ['succeeded', 'skipped'].includes(state)).length, wanted: stages.length });
  return h('span', { class: 'strip', 'aria-hidden': 'true' }, stages.map((stage) =>
    h('span', { class: `stage is-${stage.state}`, title: `${stage.name}: ${stage.state}` }, stageSymbol(stage.state))));
}

function progress({ status, done, wanted }) {
  const fill = h('span', { class: `bar is-${status}` });
  fill.style.width = `${wanted ? (100 * done) / wanted : 0}%`;
  return h('span', { class: 'strip' }, h('span', { class: 'track', 'aria-hidden': 'true' }, fill));
}
