// The overview: environments, what waits for a person, and the newest runs.

import { ago, commit, h, label } from './dom.js';
import { approvalCard, digest } from './change.js';
import { isOpen, runTime, stageSymbol } from './states.js';

/** `details` holds the runs in full, by id, as far as they have come. */
export function overview({ environments, approvals, runs }, details) {
  return [
    approvals.length > 0 && section('Waiting for approval', approvals.map((approval) =>
      approvalCard(approval, environments.find(({ name }) => name === approval.environment)?.current?.images))),
    section('Environments', environments.length
      ? h('div', { class: 'cards' }, environments.map(environmentCard))
      : empty('Nothing was deployed yet. ', 'shipit deploy staging')),
    section('Recent runs', runs.length
      ? h('ol', { class: 'runs' }, runs.map((run) => runRow(run, details.get(run.id))))
      : empty('There was no run yet. ', 'shipit plan')),
  ];
}

function section(title, ...content) {
  const id = title.toLowerCase().replaceAll(' ', '-');
  return h('section', { 'aria-labelledby': id }, h('h2', { id }, title), content);
}

function empty(text, command) {
  return h('p', { class: 'empty' }, text, h('code', {}, command), ' begins.');
}

function environmentCard({ name, current, lastGood, hold, count }) {
  const id = `environment-${name}`;
  return h('article', { class: `card environment${hold ? ' held' : ''}`, 'aria-labelledby': id },
    h('header', { class: 'card-head' }, h('h3', { id }, name),
      current ? label(current.verdict) : label('pending', 'empty')),
    current && [
      h('p', { class: 'running' }, commit(current.commit), current.restores && h('span', { class: 'muted' }, 'rolled back')),
      h('p', { class: 'muted' }, 'deployed ', ago(current.at), ' by ', h('span', { class: 'who' }, current.by)),
      h('ul', { class: 'plain images' }, Object.entries(current.images).map(([service, image]) =>
        h('li', {}, h('span', { class: 'key' }, service), digest(image)))),
    ],
    hold && h('p', { class: 'hold' }, h('strong', {}, 'On hold: '), hold.reason,
      h('span', { class: 'muted' }, ' — ', h('span', { class: 'who' }, hold.by), ', ', ago(hold.at))),
    h('footer', { class: 'card-foot' },
      h('span', {}, lastGood ? ['last good ', lastGood.id === current?.id ? 'is this one' : commit(lastGood.commit)]
        : 'no release was verified yet'),
      current
        ? h('a', { href: `#/runs/${current.id}`, 'data-key': id }, `${count} ${count === 1 ? 'release' : 'releases'}, latest run`)
        : null));
}

function runRow(run, detail) {
  return h('li', {},
    h('a', { class: 'run', href: `#/runs/${run.id}`, 'data-key': `run-${run.id}` },
      h('span', { class: 'run-state' }, label(run.status)),
      h('span', { class: 'run-name' }, h('span', { class: 'run-title' }, run.pipeline, ' ', commit(run.commit, run.isDirty)),
        h('span', { class: 'muted run-reason' }, trouble(run) ?? run.reason)),
      detail ? strip(detail) : h('span', { class: 'strip' }),
      h('span', { class: 'run-count', 'aria-label': `${run.done} of ${run.wanted} stages done` }, `${run.done}/${run.wanted}`),
      h('span', { class: 'run-when muted' }, h('span', {}, ago(run.created), ' · ', runTime(run)),
        h('span', { class: 'who' }, run.by))));
}

function trouble(run) {
  if (run.failed) return `${run.failed} ${isOpen(run.status) ? 'needs a look' : 'failed'}`;
  if (run.waiting.length) return `${run.waiting.join(', ')} waits for a person`;
  return null;
}

function strip(run) {
  const stages = run.stages.filter((stage) => stage.isWanted);
  return h('span', { class: 'strip', 'aria-hidden': 'true' }, stages.map((stage) =>
    h('span', { class: `stage is-${stage.state}`, title: `${stage.name}: ${stage.state}` }, stageSymbol(stage.state))));
}
