// One run: its stages in order, when each was under way, what it produced, and what would mend what failed.

import { ago, commit, h, label, lasting } from './dom.js';
import { approvalCard } from './change.js';
import { runTime, stageSymbol } from './states.js';

export function runPage(run, environments) {
  const wanted = run.stages.filter((stage) => stage.isWanted);
  const others = run.stages.filter((stage) => !stage.isWanted);
  return [
    h('nav', { class: 'crumbs', 'aria-label': 'Breadcrumb' }, h('a', { href: '#/', 'data-key': 'back' }, '← Overview')),
    h('div', { class: 'title' }, h('h1', {}, run.pipeline, ' ', commit(run.commit, run.isDirty)), label(run.status)),
    h('p', { class: 'muted lead' }, run.reason, ' · started ', ago(run.created), ' by ', h('span', { class: 'who' }, run.by), ' · ',
      runTime(run), ' · run ', h('code', {}, run.id)),
    run.voided.length > 0 && h('div', { class: 'notice' }, h('strong', {}, 'The approval no longer covers this change:'),
      h('ul', {}, run.voided.map((difference) => h('li', {}, difference)))),
    run.approvals.map((approval) =>
      approvalCard(approval, environments.find(({ name }) => name === approval.environment)?.current?.images, false)),
    h('section', { 'aria-labelledby': 'stages' }, h('h2', { id: 'stages' }, 'Stages'),
      h('ol', { class: 'stages' }, wanted.map((stage) => stageRow(stage, span(run))))),
    others.length > 0 && h('p', { class: 'muted lead' }, 'The pipeline goes on with ',
      others.map((stage, number) => [number > 0 && ', ', h('code', {}, stage.name)]), '; nobody asked for these.'),
  ];
}

/** From the first start to the last end, so that bars show what went on side by side. */
function span(run) {
  const starts = run.stages.map((stage) => stage.started).filter(Boolean);
  const ends = run.stages.map((stage) => stage.ended ?? (stage.started ? run.updated : null)).filter(Boolean);
  const start = Math.min(...starts);
  return { start, length: Math.max(Math.max(...ends) - start, 1) };
}

function stageRow(stage, whole) {
  return h('li', { class: `stage-row is-${stage.state}` },
    h('span', { class: `stage is-${stage.state}`, 'aria-hidden': 'true' }, stageSymbol(stage.state)),
    h('div', { class: 'stage-name' },
      h('span', { class: 'stage-title' }, stage.name), h('span', { class: 'muted' }, stage.summary)),
    h('div', { class: 'stage-state' }, label(stage.state), stage.attempts > 1 && h('span', { class: 'muted' }, `attempt ${stage.attempts}`)),
    bar(stage, whole),
    h('div', { class: 'stage-time' }, stage.started ? lasting(stage.started, stage.ended) : h('span', { class: 'muted' }, '–')),
    (stage.reason || stage.remedy || stage.product || waits(stage)) && h('div', { class: 'stage-more' },
      stage.reason && h('p', { class: 'reason' }, stage.reason),
      stage.remedy && h('p', { class: 'remedy' }, h('strong', {}, 'What to do: '), stage.remedy),
      stage.product && h('p', { class: 'product' }, h('code', {}, stage.product)),
      waits(stage) && h('p', { class: 'muted' }, `after ${stage.after.join(', ')}`)));
}

function waits(stage) {
  return stage.state === 'pending' && stage.after.length > 0;
}

function bar(stage, whole) {
  const track = h('div', { class: 'track', 'aria-hidden': 'true' });
  if (!stage.started) return track;
  const fill = h('span', { class: `bar is-${stage.state}` });
  const end = stage.ended ?? whole.start + whole.length;
  // Through the object model, which the page's policy allows; a style attribute would be refused.
  fill.style.left = `${(100 * (stage.started - whole.start)) / whole.length}%`;
  fill.style.width = `${Math.max(0.6, (100 * (end - stage.started)) / whole.length)}%`;
  track.append(fill);
  return track;
}
