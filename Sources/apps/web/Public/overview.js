// The overview: environments, what waits for a person, and the newest runs.

import { ago, commit, empty, h, label, section } from './dom.js';
import { approvalCard, digest } from './change.js';
import { runRow } from './runs.js';

/** Runs in full, as of the `updated` they had, so that only what changed is asked for. */
const details = new Map();

export async function overviewPage(_, __, get) {
  const [{ environments }, { approvals }, { runs }] = await Promise.all([get('environments'), get('approvals'), get('runs?limit=10')]);
  const changed = runs.filter((run) => run.wanted <= 16 && details.get(run.id)?.updated !== run.updated);
  // One run that cannot be read must not take the page with it.
  await Promise.allSettled(changed.map(async (run) => details.set(run.id, await get(`runs/${run.id}`))));
  const shown = new Set(runs.map((run) => run.id));
  for (const id of details.keys()) if (!shown.has(id)) details.delete(id);
  return { title: 'Overview', key: [environments, approvals, runs, [...details.keys()]], draw: () => draw({ environments, approvals, runs }) };
}

function draw({ environments, approvals, runs }) {
  return [
    h('h1', { class: 'unseen' }, 'Overview'),
    approvals.length > 0 && section('Waiting for approval', approvals.map((approval) =>
      approvalCard(approval, environments.find(({ name }) => name === approval.environment)?.current?.images))),
    section('Environments', environments.length
      ? h('div', { class: 'cards' }, environments.map(environmentCard))
      : empty('Nothing was deployed yet. ', 'shipit deploy staging')),
    section('Recent runs', runs.length
      ? [h('ol', { class: 'runs' }, runs.map((run) => runRow(run, details.get(run.id)))),
        h('nav', { class: 'pages', 'aria-label': 'More runs' }, h('span', {}), h('a', { href: '#/runs', 'data-key': 'all-runs' }, 'All runs →'))]
      : empty('There was no run yet. ', 'shipit plan')),
  ];
}

function environmentCard({ name, current, lastGood, hold, drift, count }) {
  const id = `environment-${name}`;
  return h('article', { class: `card environment${hold ? ' held' : ''}`, 'aria-labelledby': id },
    h('header', { class: 'card-head' }, h('h3', { id }, h('a', { href: `#/environments/${name}`, 'data-key': id }, name)),
      current ? label(current.verdict) : label('pending', 'empty')),
    current && [
      h('p', { class: 'running' }, commit(current.commit), current.restores && h('span', { class: 'muted' }, 'rolled back')),
      h('p', { class: 'muted' }, 'deployed ', ago(current.at), ' by ', h('span', { class: 'who' }, current.by)),
      h('ul', { class: 'plain images' }, Object.entries(current.images).map(([service, image]) =>
        h('li', {}, h('span', { class: 'key' }, service), digest(image)))),
    ],
    hold && holdNote(hold),
    drift?.count > 0 && h('p', { class: 'hold' }, h('strong', {}, 'Changed by hand: '), drift.objects.slice(0, 3).map(({ name: object }) => object).join(', '),
      drift.count > 3 && ` and ${drift.count - 3} more`, h('span', { class: 'muted' }, ' — seen ', ago(drift.at))),
    h('footer', { class: 'card-foot' },
      h('span', {}, lastGood ? ['last good ', lastGood.id === current?.id ? 'is this one' : commit(lastGood.commit)]
        : 'no release was verified yet'),
      h('span', {}, `${count} ${count === 1 ? 'release' : 'releases'}`)));
}

export function holdNote(hold) {
  return h('p', { class: 'hold' }, h('strong', {}, 'On hold: '), hold.reason,
    h('span', { class: 'muted' }, ' — ', h('span', { class: 'who' }, hold.by), ', ', ago(hold.at)));
}
