// One environment: what runs, the stop on it, and its history with the way to compare.

import { ago, commit, crumbs, empty, h, label, section } from './dom.js';
import { digest } from './change.js';
import { decision } from './decide.js';
import { releaseList } from './difference.js';
import { holdNote } from './overview.js';
import { whoIsSignedIn } from './session.js';

const size = 25;

export async function environmentPage([name], query, get) {
  const before = query.get('before');
  const [environment, { releases, next }] = await Promise.all([
    get(`environments/${name}`), get(`environments/${name}/releases?limit=${size}${before ? `&before=${before}` : ''}`)]);
  return { title: name, key: [environment, releases, next, whoIsSignedIn()], draw: () => draw(environment, releases, next, before) };
}

function draw({ name, current, lastGood, hold, drift, count }, releases, next, before) {
  const place = `#/environments/${name}`;
  return [
    crumbs(['Overview', '#/'], [name]),
    h('div', { class: 'title' }, h('h1', {}, name), current ? label(current.verdict) : label('pending', 'empty')),
    hold && holdNote(hold),
    current ? h('div', { class: 'card now' },
      h('dl', { class: 'facts' },
        fact('Runs', [commit(current.commit), current.restores && ' rolled back']),
        fact('Since', [ago(current.at), ' by ', h('span', { class: 'who' }, current.by)]),
        fact('Last good', lastGood ? (lastGood.id === current.id ? 'this one' : [commit(lastGood.commit), ' ', ago(lastGood.at)]) : 'no release was verified yet'),
        fact('By hand', driftSeen(drift)),
        fact('Schema', current.schema ? h('code', {}, current.schema) : 'no database'),
        fact('Images', h('ul', { class: 'plain' }, Object.entries(current.images).map(([service, image]) =>
          h('li', {}, h('span', { class: 'key' }, service), digest(image)))))),
      h('p', { class: 'actions' },
        h('a', { href: `#/runs/${current.id}`, 'data-key': 'run' }, 'The run that deployed it'),
        h('a', { href: `${place}/rollback`, 'data-key': 'rollback' }, 'Roll back…'),
        h('a', { href: `#/figures/${name}`, 'data-key': 'figures' }, 'Figures')))
      : empty('Nothing was deployed here yet. ', `shipit deploy ${name}`),
    h('details', { class: 'more', 'data-key': hold ? 'lift' : 'hold' }, h('summary', {}, hold ? 'Lift the hold' : 'Stop deploys by a hold'), hold
      ? decision(`lift-${name}-${hold.at}`, 'hold', [{ text: 'Lift the hold', kind: 'primary', needsReason: true,
        ask: (reason) => ({ method: 'DELETE', path: `api/environments/${name}/hold?reason=${encodeURIComponent(reason)}` }) }])
      : decision(`hold-${name}-${count}`, 'hold', [{ text: 'Hold', kind: 'danger', needsReason: true,
        ask: (reason) => ({ method: 'POST', path: `api/environments/${name}/hold`, body: { reason } }) }])),
    releases.length > 0 && section(`History of ${count} releases`.replace('1 releases', '1 release'),
      releaseList(releases, (release, number) => {
        const earlier = releases[number + 1]?.id ?? (next && release.id !== next ? next : null);
        return [
          earlier && h('a', { href: `${place}/compare/${earlier}/${release.id}`, 'data-key': `changed-${release.id}`,
            'aria-label': `What changed with ${release.commit.slice(0, 8)}` }, 'what changed'),
          release.id !== current?.id && h('a', { href: `${place}/compare/${release.id}/${current.id}`, 'data-key': `now-${release.id}`,
            'aria-label': `Compare ${release.commit.slice(0, 8)} with what runs now` }, 'to now'),
        ];
      }),
      h('nav', { class: 'pages', 'aria-label': 'Pages' },
        before ? h('a', { href: place, 'data-key': 'newest' }, '← Newest') : h('span', {}),
        next && h('a', { href: `${place}?before=${next}`, rel: 'next', 'data-key': 'older' }, 'Older →'))),
  ];
}

/** What was last seen of changes by hand, which only somebody who reaches the target can tell. */
function driftSeen(drift) {
  if (!drift) return h('span', { class: 'muted' }, 'nobody has recorded a look since this release');
  const seen = h('span', { class: 'muted' }, ' seen ', ago(drift.at), ' by ', h('span', { class: 'who' }, drift.by));
  if (!drift.count) return ['nothing was changed', seen];
  return [h('span', { class: 'label is-waiting' }, `${drift.count} changed`), seen,
    h('ul', { class: 'plain' }, drift.objects.map(({ name, place, sum }) => h('li', {}, h('code', { title: `${place}: ${sum}` }, name)))),
    drift.objects.length < drift.count && h('span', { class: 'muted' }, 'and more')];
}

function fact(name, value) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value));
}
