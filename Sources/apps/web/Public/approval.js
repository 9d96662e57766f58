// What an approval would let happen, in full: beside what runs now.

import { ago, commit, crumbs, folded, h, label, section } from './dom.js';
import { digest, target } from './change.js';
import { decision } from './decide.js';
import { differences } from './difference.js';
import { whoIsSignedIn } from './session.js';

export async function approvalPage([id, stage], _, get) {
  const run = await get(`runs/${id}`);
  const approval = run.approvals.find((one) => one.stage === stage);
  if (!approval) return { title: 'Approval', key: [run.status, run.stages], draw: () => decided(run, stage) };
  const [comparison, elsewhere] = await Promise.all([
    get(`environments/${approval.environment}/comparison?run=${id}`).catch(freshEnvironment(run, approval)), deployedElsewhere(approval.environment, get)]);
  return { title: `Approve for ${approval.environment}`, key: [run.status, approval, comparison, elsewhere, whoIsSignedIn()], draw: () => draw(run, approval, comparison, elsewhere) };
}

/** An environment that was never deployed to is not known yet: then everything is new. */
function freshEnvironment(run, { change }) {
  return (error) => {
    if (error.status !== 404) throw error;
    const news = (entries) => Object.entries(entries).map(([name, after]) => ({ name, after }));
    return {
      to: { commit: run.commit, images: change.images }, images: news(change.images), values: news(change.values),
      migrations: change.schema?.pending ?? [], manifestDiffers: false,
    };
  };
}

/** What other environments got lately, newest first: where this commit, and those before it, have been. */
async function deployedElsewhere(environment, get) {
  const { environments } = await get('environments');
  const others = environments.filter(({ name }) => name !== environment);
  const lists = await Promise.all(others.map(({ name }) => get(`environments/${name}/releases?limit=20`)));
  return lists.flatMap(({ releases }, place) => releases.map((release) => ({ ...release, environment: others[place].name })));
}

function decided(run, stage) {
  const found = run.stages.find(({ name }) => name === stage);
  return [
    places(run),
    h('div', { class: 'title' }, h('h1', {}, stage), found && label(found.state)),
    h('p', { class: 'empty' }, found?.state === 'succeeded' ? ['This change was approved. The run goes on when it is taken up: ', h('code', { class: 'typed' }, `shipit resume ${run.id}`), ', or by CI. ']
      : found?.state === 'failed' ? [found.reason, ' '] : 'Nothing waits for approval here now. ',
      h('a', { href: `#/runs/${run.id}` }, 'The run')),
  ];
}

function places(run) {
  return crumbs(['Overview', '#/'], [`${run.pipeline} ${run.commit.slice(0, 8)}`, `#/runs/${run.id}`], ['Approval']);
}

function draw(run, approval, comparison, elsewhere) {
  const { change, environment, sum } = approval;
  const since = comparison.from?.at ?? 0;
  const seen = elsewhere.filter((release) => release.at > since);
  const ask = (what, reason) => ({ method: 'POST', path: `api/runs/${run.id}/approval`, body: { decision: what, change: sum, ...(reason && { reason }) } });
  const blocking = comparison.migrations.filter(({ isCompatible }) => isCompatible === false);
  return [
    places(run),
    h('div', { class: 'title' }, h('h1', {}, 'Change to ', environment), label('waiting', 'waiting for approval')),
    h('p', { class: 'muted lead' }, run.reason, ' · ', commit(run.commit, run.isDirty), ' · asked for by ', h('span', { class: 'who' }, run.by), ' ', ago(run.created)),
    blocking.length > 0 && h('p', { class: 'warning' }, h('strong', {}, 'No way back by rollback: '), 'the release before does not work with the schema after ',
      blocking.map(({ file }, place) => [place > 0 && ', ', h('code', {}, file)]), '.'),
    section('What is asked', h('div', { class: 'card' }, h('dl', { class: 'facts' },
      fact('Change', folded(sum, sum.slice(0, 12))), fact('Commit', folded(run.commit, run.commit.slice(0, 12))), fact('Target', target(change.target)),
      fact('Services', h('ul', { class: 'plain' }, Object.entries(change.images).map(([service, image]) => h('li', {}, h('span', { class: 'key' }, service), digest(image))))),
      fact('Schema', change.schema ? `at ${change.schema.from ?? 'empty'}, ${change.schema.pending.length} pending` : 'no database')),
    h('p', { class: 'command' }, h('span', { class: 'muted' }, 'Approve exactly this in a terminal with '),
      h('code', { class: 'typed' }, `shipit approve ${run.id} --change ${sum.slice(0, 12)}`)))),
    differences(comparison, 'Migrations it would apply', approval.commits),
    section('Decide', h('div', { class: 'card' }, decision(`approve-${sum}`, 'approve', [
      { text: 'Approve', kind: 'primary', needsReason: false, ask: (reason) => ask('approve', reason) },
      { text: 'Reject', kind: 'danger', needsReason: true, ask: (reason) => ask('reject', reason) }]))),
    seen.length > 0 && section('Deployed elsewhere since then', h('ul', { class: 'rows' }, seen.slice(0, 20).map((release) =>
      h('li', { class: 'release' }, h('span', { class: 'release-state' }, label(release.verdict)),
        h('span', { class: 'release-name' },
          h('a', { href: `#/runs/${release.id}`, 'data-key': `seen-${release.environment}-${release.id}` }, commit(release.commit)),
          release.commit === run.commit && h('span', { class: 'muted' }, ' this commit')),
        h('span', { class: 'muted release-when' }, ago(release.at), ' by ', h('span', { class: 'who' }, release.by)),
        h('span', { class: 'release-more' }, release.environment))))),
  ];
}

function fact(name, value) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value));
}
