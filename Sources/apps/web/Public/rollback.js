// Where a rollback would lead, and what to type: the page shows the plan, a person's terminal goes back.

import { ago, commit, crumbs, h, label, section } from './dom.js';
import { differences } from './difference.js';

export async function rollbackPage([name], query, get) {
  const to = query.get('to');
  const [plan, { releases }] = await Promise.all([
    get(`environments/${name}/rollback${to ? `?to=${to}` : ''}`), get(`environments/${name}/releases?limit=50`)]);
  return { title: `Roll back ${name}`, key: [plan, releases], draw: () => draw(name, plan, releases, to) };
}

function draw(name, { current, target, comparison }, releases, wanted) {
  const good = releases.filter(({ id, verdict, restores }) => verdict === 'good' && !restores && id !== current?.id);
  return [
    crumbs(['Overview', '#/'], [name, `#/environments/${name}`], ['Roll back']),
    h('div', { class: 'title' }, h('h1', {}, 'Roll back ', name)),
    target ? plan(name, current, target, comparison, wanted)
      : h('p', { class: 'empty' }, wanted ? 'This is not a good release of the environment. ' : 'There is no earlier good release that differs from what runs: nothing to go back to.'),
    good.length > 0 && section('Another release', h('form', { class: 'choices' }, chooser(name, good, target))),
  ];
}

function chooser(name, releases, target) {
  const select = h('select', { id: 'target', 'data-key': 'target' }, h('option', { value: '' }, 'last good'), releases.map(({ id, commit: sha, at }) =>
    h('option', { value: id, selected: id === target?.id && location.hash.includes('to=') }, `${sha.slice(0, 8)} · ${new Date(at).toLocaleDateString()}`)));
  select.addEventListener('change', () => { location.hash = `#/environments/${name}/rollback${select.value ? `?to=${select.value}` : ''}`; });
  return h('div', { class: 'field' }, h('label', { for: 'target' }, 'Go back to'), select);
}

function plan(name, current, target, comparison, wanted) {
  const blocking = comparison.migrations.filter(({ isCompatible }) => isCompatible === false);
  const unknown = comparison.migrations.filter(({ isCompatible }) => isCompatible == null);
  // A comparison tells what came with the later release; going back, it reads the other way round.
  const back = { ...comparison, from: comparison.to, to: comparison.from,
    images: comparison.images.map(turned), values: comparison.values.map(turned) };
  return [
    h('div', { class: 'way' }, end('Runs now', current), h('span', { class: 'arrow', role: 'img', 'aria-label': 'back to' }, '→'), end('Would run', target)),
    blocking.length > 0 ? h('div', { class: 'notice' }, h('strong', {}, 'This rollback is blocked. '), 'The earlier release does not work with the schema after ',
      blocking.map((step, place) => [place > 0 && ', ', h('code', {}, step.file ?? step.version)]), '. Fix forward with a new commit.')
      : unknown.length > 0 ? h('p', { class: 'warning' }, h('strong', {}, 'Not certain: '),
        'the ledger does not know whether the earlier release works with every migration between. The command asks the database before it touches anything.')
        : h('p', { class: 'fine' }, h('strong', {}, 'Nothing known stands against it. '), 'The command looks at the registry, the target and the database before it touches anything.'),
    section('What to type', h('p', { class: 'card type' }, h('code', { class: 'typed' }, `shipit rollback ${name}${wanted ? ` --to ${target.id}` : ''}`)),
      h('p', { class: 'muted lead' }, 'It needs no build and no CI: images, values and chart go back as one, and deploys are stopped by a hold until a person lifts it. No migration is undone.')),
    differences(back, 'Migrations that stay'),
  ];
}

function turned({ name, before, after }) {
  return { name, before: after, after: before };
}

function end(title, release) {
  return h('div', { class: 'card' }, h('p', { class: 'muted' }, title), h('p', { class: 'running' }, commit(release.commit)),
    h('p', { class: 'muted' }, 'deployed ', ago(release.at), ' by ', h('span', { class: 'who' }, release.by)), h('p', {}, label(release.verdict)));
}
