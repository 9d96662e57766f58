// Two releases of an environment side by side: commits, images, migrations and values.

import { ago, commit, crumbs, h, label, section } from './dom.js';
import { commitList, compatibility, digest } from './change.js';

export async function differencePage([name, from, to], _, get) {
  const [comparison, { releases }] = await Promise.all([
    get(`environments/${name}/comparison?from=${from}&to=${to}`), get(`environments/${name}/releases?limit=100`)]);
  return { title: `Compare releases of ${name}`, key: [comparison, releases], draw: () => draw(name, comparison, releases) };
}

function draw(name, comparison, releases) {
  const known = [comparison.from, comparison.to].filter((release) => !releases.some(({ id }) => id === release.id));
  const select = (title, chosen) => h('select', { id: `choose-${title}`, 'data-key': `choose-${title}` }, [...releases, ...known].map((release) =>
    h('option', { value: release.id, selected: release.id === chosen.id },
      `${release.commit.slice(0, 8)} · ${new Date(release.at).toLocaleDateString()}${release.restores ? ' · rollback' : ''}`)));
  const [from, to] = [select('from', comparison.from), select('to', comparison.to)];
  for (const one of [from, to]) {
    one.addEventListener('change', () => { location.hash = `#/environments/${name}/compare/${from.value}/${to.value}`; });
  }
  const field = (title, one) => h('div', { class: 'field' }, h('label', { for: one.id }, title), one);
  return [
    crumbs(['Overview', '#/'], [name, `#/environments/${name}`], ['Compare']),
    h('div', { class: 'title' }, h('h1', {}, 'What changed in ', name)),
    h('div', { class: 'choices' }, field('From', from), field('To', to)),
    differences(comparison),
    comparison.releases.length > 0 && section('Releases between', releaseList(comparison.releases)),
  ];
}

/** Everything that is not the same, each sort in a section of its own; what is the same is said to be. */
export function differences({ from, to, images, values, migrations, manifestDiffers, isCut }, title = 'Migrations', listed = null) {
  return [
    section('Commits', commits(from, to), listed && commitList(listed)),
    section('Images', images.length ? table('Service', images, digest) : same('Every service runs the same image.')),
    section(title, migrations.length ? h('ul', { class: 'plain steps' }, migrations.map((step) =>
      h('li', {}, h('code', {}, step.file ?? step.version), ' ', compatibility(step.isCompatible)))) : same('None.'),
    isCut && h('p', { class: 'muted lead' }, 'There are more releases between than were looked at; migrations may be missing here.')),
    section('Values', values.length ? table('Name', values, (value) => h('code', {}, value)) : same('All values are the same.'),
      manifestDiffers && h('p', { class: 'lead' }, 'The compose file or chart differs too.')),
  ];
}

function same(text) {
  return h('p', { class: 'muted' }, text);
}

function commits(from, to) {
  if (from?.commit === to.commit) return same('Both are the same commit.');
  const address = comparisonAddress(from, to);
  return h('p', { class: 'commits' }, from ? commit(from.commit) : h('span', { class: 'muted' }, 'nothing'),
    h('span', { class: 'arrow', role: 'img', 'aria-label': 'to' }, '→'), commit(to.commit),
    address ? h('a', { href: address, rel: 'noreferrer' }, 'The commits between, on GitHub')
      : from && h('code', { class: 'typed' }, `git log --oneline ${from.commit.slice(0, 12)}..${to.commit.slice(0, 12)}`));
}

/** Where GitHub compares the two, when their images are in its registry under the name of the repository. */
function comparisonAddress(from, to) {
  const [, owner, name] = /^ghcr\.io\/([\w.-]+)\/([\w.-]+)\//.exec(Object.values(to.images)[0] ?? '') ?? [];
  return from && owner ? `https://github.com/${owner}/${name}/compare/${from.commit}...${to.commit}` : null;
}

function table(title, rows, show) {
  const cell = (value, missing) => (value == null ? h('span', { class: 'muted' }, missing) : show(value));
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${title}, before and after` }, h('table', {},
    h('thead', {}, h('tr', {}, [title, 'Before', 'After'].map((name) => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, rows.map(({ name, before, after }) => h('tr', {}, h('th', { scope: 'row' }, name),
      h('td', { class: 'before' }, cell(before, 'not there')), h('td', { class: 'after' }, cell(after, 'gone')))))));
}

/** Releases in short, newest first. */
export function releaseList(releases, more = () => null) {
  return h('ol', { class: 'rows' }, releases.map((release, place) => h('li', { class: 'release' },
    h('span', { class: 'release-state' }, label(release.verdict)),
    h('span', { class: 'release-name' }, h('a', { href: `#/runs/${release.id}`, 'data-key': `release-${release.id}`, 'aria-label': `Run of ${release.commit.slice(0, 8)}` }, commit(release.commit)),
      release.restores && h('span', { class: 'muted' }, ' rolled back')),
    h('span', { class: 'muted release-when' }, ago(release.at), ' by ', h('span', { class: 'who' }, release.by)),
    h('span', { class: 'release-more' }, more(release, place)))));
}
