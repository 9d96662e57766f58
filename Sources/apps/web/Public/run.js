// One run: the graph of its stages, and beside it when each was under way, what it produced, and what would mend what failed.

import { ago, commit, crumbs, duration, folded, h, label, lasting, replace } from './dom.js';
import { approvalCard } from './change.js';
import { graphView } from './graphview.js';
import { decision } from './decide.js';
import { whoIsSignedIn } from './session.js';
import { logView } from './log.js';
import { isOpen, runTime, stageSymbol } from './states.js';

export async function runPage([id], _, get) {
  const [run, { environments }] = await Promise.all([get(`runs/${id}`), get('environments')]);
  return {
    title: `${run.pipeline} ${run.commit.slice(0, 8)}`, key: [run, environments, whoIsSignedIn()], draw: () => draw(run, environments),
    follows: isOpen(run.status) && { id, position: run.position },
  };
}

/** The page that is shown: a run that goes on changes a few things in it, and is not drawn anew. */
let shown = null;

function draw(run, environments) {
  const plan = JSON.stringify(run.stages.map(({ name, after }) => [name, after]));
  if (shown?.id !== run.id || shown.plan !== plan || !shown.element.isConnected) shown = frame(run, plan);
  shown.update(run, environments);
  return shown.element;
}

function frame(run, plan) {
  const graph = graphView(run.stages, (name) => {
    const row = document.getElementById(`stage-${name}`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  });
  const parts = Object.fromEntries(['head', 'notes', 'rest', 'end'].map((name) => [name, h('div', {})]));
  const rows = h('ol', { class: run.stages.length > 100 ? 'stages many' : 'stages' });
  const known = new Map();
  const element = h('div', { class: graph.isSlim ? 'run-page beside' : 'run-page' },
    crumbs(['Overview', '#/'], ['Runs', '#/runs'], [run.id]), parts.head, parts.notes,
    h('div', { class: 'run-body' },
      h('section', { class: 'graph-part', 'aria-labelledby': 'graph' }, h('div', { class: 'section-head' }, h('h2', { id: 'graph' }, 'Graph'), graph.tools), graph.element),
      h('section', { class: 'list-part', 'aria-labelledby': 'stages' }, h('h2', { id: 'stages' }, 'Stages'), rows, parts.rest, parts.end)));

  function update(now, environments) {
    changed(parts.head, [now.status, now.reason, now.created, now.status === 'running' ? null : now.updated], () => heading(now));
    changed(parts.notes, [now.voided, now.approvals, now.approvals.length > 0 && environments], () => notes(now, environments));
    graph.update(now);
    const whole = span(now);
    const ways = shares(now);
    const wanted = now.stages.filter((stage) => stage.isWanted);
    for (const stage of wanted) {
      const way = ways.get(stage.name);
      const key = JSON.stringify([stage, way]);
      const row = known.get(stage.name);
      if (row?.key === key) {
        stretch(row.element.querySelector('.bar'), stage, whole);
        row.output.update(stage);
        continue;
      }
      const { element, output } = row ?? stageRow(now.id, stage);
      if (!row) rows.append(element);
      fill(element, stageParts(stage, whole, way), stage, way, output.element);
      output.update(stage);
      known.set(stage.name, { key, element, output });
    }
    const others = now.stages.filter((stage) => !stage.isWanted);
    changed(parts.end, [isOpen(now.status), whoIsSignedIn()], () => isOpen(now.status) && h('details', { class: 'more', 'data-key': 'cancel' },
      h('summary', {}, 'Cancel this run'), decision(`cancel-${now.id}`, 'cancel', [{ text: 'Cancel the run', kind: 'danger', needsReason: true,
        ask: (reason) => ({ method: 'POST', path: `api/runs/${now.id}/cancel`, body: { reason } }) }])));
    changed(parts.rest, others.map(({ name }) => name), () => others.length > 0 && h('p', { class: 'muted lead' }, 'The pipeline goes on with ',
      others.map((stage, number) => [number > 0 && ', ', h('code', {}, stage.name)]), '; nobody asked for these.'));
  }
  return { id: run.id, plan, element, update };
}

const keys = new WeakMap();

function changed(part, key, nodes) {
  const text = JSON.stringify(key);
  if (keys.get(part) === text) return;
  keys.set(part, text);
  replace(part, nodes);
}

function heading(run) {
  return [
    h('div', { class: 'title' }, h('h1', {}, run.pipeline, ' ', commit(run.commit, run.isDirty)), label(run.status)),
    h('p', { class: 'muted lead' }, run.reason, ' · started ', ago(run.created), ' by ', h('span', { class: 'who' }, run.by), ' · ',
      runTime(run)),
  ];
}

function notes(run, environments) {
  return [
    run.voided.length > 0 && h('div', { class: 'notice' }, h('strong', {}, 'The approval no longer covers this change:'),
      h('ul', {}, run.voided.map((difference) => h('li', {}, difference)))),
    run.approvals.map((approval) => approvalCard(approval, environments.find(({ name }) => name === approval.environment)?.current?.images, 'h2')),
  ];
}

/** From the first start to the last end, or to now while something is under way, so that bars show what went on side by side. */
function span(run) {
  let [start, end] = [Infinity, 0];
  for (const stage of run.stages) {
    if (!stage.started) continue;
    start = Math.min(start, stage.started);
    end = Math.max(end, stage.ended ?? (isBusy(stage) ? Date.now() : run.updated));
  }
  return { start, length: Math.max(end - start, 1) };
}

/** How long all attempts of a stage took, in milliseconds; nothing while the last is under way. */
function took({ started, ended, earlier }) {
  return started && ended ? ended - started + (earlier ?? 0) : 0;
}

/** For each stage on the longest way through the run, its share of that way, in percent. */
function shares(run) {
  const stages = new Map(run.stages.map((stage) => [stage.name, stage]));
  const path = run.criticalPath.map((name) => stages.get(name)).filter(Boolean);
  const whole = path.reduce((sum, stage) => sum + took(stage), 0);
  return new Map(path.map((stage) => [stage.name, Math.round((100 * took(stage)) / whole)]));
}

function isBusy({ state }) {
  return state === 'running' || state === 'backing-off';
}

/** A row that stays: what it tells of its stage is drawn anew in it, and what the stage printed is left alone. */
function stageRow(run, { name }) {
  const output = outputPart(run, name);
  return { element: h('li', { id: `stage-${name}`, tabindex: '-1' }, output.element), output };
}

/** Puts `parts` in place of all that a row holds but the output. */
function fill(row, parts, stage, way, output) {
  row.className = `stage-row is-${stage.state}${way === undefined ? '' : ' is-critical'}`;
  for (const child of [...row.children]) if (child !== output) child.remove();
  row.prepend(...parts);
}

/** What the stage printed, behind a button that is there once it may have printed something. */
function outputPart(run, name) {
  const button = h('button', { type: 'button', class: 'quiet', 'aria-expanded': 'false', 'aria-label': `Output of ${name}` }, 'Output');
  const element = h('div', { class: 'stage-output', hidden: true }, button);
  let [log, stage] = [null, null];
  button.addEventListener('click', () => {
    if (log) {
      log.element.remove();
      log = null;
    } else {
      log = logView(run, name);
      element.append(log.element);
      log.update(stage);
    }
    button.setAttribute('aria-expanded', String(log !== null));
  });
  function update(now) {
    stage = now;
    element.hidden = now.attempts === 0 || now.kind === 'approve';
    log?.update(now);
  }
  return { element, update };
}

function stageParts(stage, whole, way) {
  return [
    h('span', { class: `stage is-${stage.state}`, 'aria-hidden': 'true' }, stageSymbol(stage.state)),
    h('div', { class: 'stage-name' },
      h('span', { class: 'stage-title' }, stage.name), h('span', { class: 'muted' }, stage.summary)),
    h('div', { class: 'stage-state' }, label(stage.state), stage.attempts > 1 && h('span', { class: 'muted' }, `attempt ${stage.attempts}`)),
    bar(stage, whole),
    h('div', { class: 'stage-time' }, stage.started ? lasting(stage.started, stage.ended) : h('span', { class: 'muted' }, '–')),
    h('p', { class: 'stage-cost' }, costs(stage, way).map((text, number) => [number > 0 && ' · ', text])),
    (stage.reason || stage.remedy || stage.product || waits(stage)) && h('div', { class: 'stage-more' },
      stage.reason && h('p', { class: 'reason' }, stage.reason),
      stage.remedy && h('p', { class: 'remedy' }, h('strong', {}, 'What to do: '), stage.remedy),
      stage.product && product(stage.product),
      waits(stage) && h('p', { class: 'muted' }, `after ${some(stage.after)}`)),
  ].filter(Boolean);
}

/** What a stage produced; of a digest its beginning is enough to tell it by. */
function product(text) {
  const short = text.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]{52}$/, '$1');
  return h('div', { class: 'product' }, short === text ? h('code', {}, text) : folded(text, short));
}

/** What the stage cost beside what it usually does, in words. */
function costs(stage, way) {
  const isDone = stage.how === 'reused' || stage.how === 'observed';
  const late = stage.usual && !isDone && stage.ended && stage.kind !== 'approve' ? stage.ended - stage.started - stage.usual : 0;
  const isSlow = late > 2000 && late > stage.usual / 2;
  return [
    stage.how === 'reused' && 'found done: nothing was made again',
    stage.how === 'observed' && 'seen to be done after an interruption',
    stage.usual && !isDone && stage.kind !== 'approve' && stage.isWanted
      && h('span', { class: isSlow ? 'slow' : null }, isSlow ? `${duration(late)} longer than usual` : `usually ${duration(stage.usual)}`),
    stage.earlier && `${duration(stage.earlier)} in attempts before`,
    way !== undefined && h('span', { class: 'critical' }, `${way} % of the longest way`),
  ].filter(Boolean);
}

function some(names) {
  return names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

function waits(stage) {
  return stage.state === 'pending' && stage.after.length > 0;
}

function bar(stage, whole) {
  const fill = stage.started && h('span', { class: `bar is-${stage.state}` });
  stretch(fill, stage, whole);
  return h('div', { class: 'track', 'aria-hidden': 'true' }, fill);
}

function stretch(fill, stage, whole) {
  if (!fill) return;
  const end = stage.ended ?? whole.start + whole.length;
  // Through the object model, which the page's policy allows; a style attribute would be refused.
  fill.style.left = `${(100 * (stage.started - whole.start)) / whole.length}%`;
  fill.style.width = `${Math.max(0.6, (100 * (end - stage.started)) / whole.length)}%`;
}
