// The four DORA figures of each environment; docs/web.md defines them.

import { crumbs, duration, empty, h, label, section, svg } from './dom.js';

const spans = [7, 30, 90, 365];

export async function figuresPage([only], query, get) {
  const days = spans.find((span) => String(span) === query.get('days')) ?? 30;
  const { environments } = await get('environments');
  const names = environments.map(({ name }) => name).filter((name) => !only || name === only);
  const figures = await Promise.all(names.map((name) => get(`figures?environment=${name}&days=${days}`)));
  // `until` moves with every question and would draw the page anew each time.
  return { title: 'Figures', key: [figures.map(({ until, spans: parts, ...rest }) => [rest, parts.map(({ deployments, failed }) => [deployments, failed])])], draw: () => draw(figures, days, only) };
}

function draw(figures, days, only) {
  const place = only ? `#/figures/${only}` : '#/figures';
  return [
    only ? crumbs(['Overview', '#/'], [only, `#/environments/${only}`], ['Figures']) : crumbs(['Overview', '#/'], ['Figures']),
    h('div', { class: 'title' }, h('h1', {}, 'Figures')),
    h('p', { class: 'muted lead' }, 'How often is shipped, how long that takes, how often it fails, and how soon it is put right: computed from the ledger.'),
    h('nav', { class: 'filters', 'aria-label': 'Time' }, h('ul', { class: 'plain' }, spans.map((span) => h('li', {},
      h('a', { href: `${place}?days=${span}`, 'aria-current': span === days && 'true', 'data-key': `days-${span}` }, span === 365 ? 'a year' : `${span} days`))))),
    figures.length ? figures.map(environmentFigures) : empty('Nothing was deployed yet. ', 'shipit deploy staging'),
  ];
}

function environmentFigures(figures) {
  const { environment, deployments, perDay, lead, failed, failureRate, restore, open, knownSince } = figures;
  return section(environment,
    h('dl', { class: 'figures' },
      figure('Deployment frequency', frequency(perDay, deployments), `${deployments} ${deployments === 1 ? 'deployment' : 'deployments'}`),
      figure('Lead time for changes', lead.median == null ? null : duration(lead.median), lead.count > 0 && `nine of ten within ${duration(lead.ninth)}`),
      figure('Change-failure rate', failureRate == null ? null : `${Math.round(failureRate * 100)} %`, failureRate != null && `${failed} of ${deployments} failed`),
      figure('Time to restore', restore.median == null ? null : duration(restore.median), restore.count > 0 && `${restore.count} put right`, open > 0 && label('bad', `${open} not yet`))),
    deployments > 0 && chart(figures),
    knownSince && h('p', { class: 'muted lead' }, `Only releases since ${new Date(knownSince).toLocaleDateString()} were counted.`));
}

function figure(name, value, ...more) {
  return h('div', { class: 'card figure' }, h('dt', {}, name), h('dd', { class: value == null ? 'muted' : 'value' }, value ?? 'no data'),
    h('dd', { class: 'muted' }, more.filter(Boolean).map((part) => [part, ' '])));
}

function frequency(perDay, deployments) {
  if (!deployments) return null;
  const rate = (value) => (value >= 10 ? Math.round(value) : Math.round(value * 10) / 10);
  if (perDay >= 1) return `${rate(perDay)} a day`;
  return perDay * 7 >= 1 ? `${rate(perDay * 7)} a week` : `${rate(perDay * 30)} a month`;
}

/** Deployments over time as columns, the failed ones below in their own sign and colour. */
function chart({ environment, spans: parts, deployments, failed }) {
  const most = Math.max(...parts.map((part) => part.deployments));
  const [width, height, gap] = [100 / parts.length, 60, 0.25];
  const columns = parts.map(({ deployments: count, failed: bad, from }, place) => {
    const tall = (value) => (value / most) * height;
    return svg('g', {}, svg('title', {}, `from ${new Date(from).toLocaleDateString()}: ${count} deployed, ${bad} failed`),
      svg('rect', { class: 'column', x: place * width + gap, width: width - 2 * gap, y: height - tall(count), height: tall(count) }),
      bad > 0 && svg('rect', { class: 'column bad', x: place * width + gap, width: width - 2 * gap, y: height - tall(bad), height: tall(bad) }));
  });
  const note = failed ? [h('span', { class: 'swatch' }), 'deployed ', h('span', { class: 'swatch bad' }), 'of which failed'] : `at most ${most} in one column`;
  return h('figure', { class: 'chart' },
    svg('svg', { viewBox: `0 0 100 ${height}`, preserveAspectRatio: 'none', role: 'img',
      'aria-label': `${deployments} deployments to ${environment}, ${failed} of them failed` }, columns),
    h('figcaption', { class: 'muted' },
      h('span', {}, new Date(parts[0].from).toLocaleDateString()), h('span', {}, note), h('span', {}, 'now')));
}
