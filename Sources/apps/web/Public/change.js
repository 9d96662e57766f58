// A Change that waits for a person: what an approval would let happen, in short.

import { ago, commit, folded, h } from './dom.js';

/** `current` are the images that the environment runs now, by service; what stays the same is said to. `heading` is the level it stands at. */
export function approvalCard(approval, current = {}, heading = 'h3') {
  const { change, commits, environment, run, stage, sum } = approval;
  const title = `approval-${run}-${stage}`;
  return h('article', { class: 'card approval', 'aria-labelledby': title },
    h('header', { class: 'card-head' },
      h(heading, { id: title }, 'Change to ', h('strong', {}, environment)),
      h('span', { class: 'label is-waiting' }, 'waiting for approval')),
    h('dl', { class: 'facts' },
      commits && fact('Commits', commitCount(commits)),
      fact('Images', list(Object.entries(change.images).map(([service, image]) => imageLine(service, image, current[service])))),
      fact('Migrations', migrations(change.schema))),
    h('p', { class: 'command' },
      h('a', { class: 'button', href: `#/runs/${run}/approval/${stage}`, 'data-key': title }, 'Look and decide'),
      h('span', { class: 'muted' }, 'or in a terminal '),
      h('code', { class: 'typed' }, `shipit approve ${run} --change ${sum.slice(0, 12)}`)));
}

function commitCount({ from, brought, dropped, isCut }) {
  if (!from) return h('span', { class: 'muted' }, 'nothing ran there before');
  const more = isCut ? ' or more' : '';
  return [brought.length ? `${brought.length}${more} since what runs` : h('span', { class: 'muted' }, 'none since what runs'),
    brought.length > 0 && [h('span', { class: 'muted' }, ', the last: '), brought[0].subject],
    dropped.length > 0 && [' ', h('span', { class: 'label is-bad' }, `drops ${dropped.length}${more}`)]];
}

/** The commits by which a Change differs from what ran when it was put up for approval. */
export function commitList({ from, brought, dropped, isCut }) {
  const rows = (lines) => h('ol', { class: 'plain commit-list' }, lines.map((line) => h('li', {}, commit(line.commit),
    h('span', { class: 'subject' }, line.subject),
    h('span', { class: 'muted' }, line.author && [h('span', { class: 'who' }, line.author), ' '], ago(line.committed)))));
  return [
    dropped.length > 0 && [h('p', { class: 'warning' }, h('strong', {}, 'Not in this change: '), 'what runs has commits that would not run any more.'), rows(dropped)],
    brought.length > 0 && rows(brought),
    from && isCut && h('p', { class: 'muted lead' }, 'There are more than are listed.'),
  ];
}

function fact(name, value) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value));
}

function list(items) {
  return h('ul', { class: 'plain' }, items.map((item) => h('li', {}, item)));
}

function imageLine(service, image, before) {
  return [h('span', { class: 'key' }, service), digest(image),
    before === image ? h('span', { class: 'muted' }, ' unchanged')
      : before ? [h('span', { class: 'muted' }, ' instead of '), digest(before)]
        : h('span', { class: 'muted' }, ' new here')];
}

/** An image by the beginning of its digest, to be unfolded. */
export function digest(image) {
  return folded(image, (image.split('@sha256:')[1] ?? image).slice(0, 12));
}

function migrations(schema) {
  if (!schema) return h('span', { class: 'muted' }, 'no database');
  if (!schema.pending.length) return h('span', { class: 'muted' }, `none; schema stays at ${schema.from ?? 'empty'}`);
  return list(schema.pending.map((migration) => [h('code', {}, migration.file), ' ', compatibility(migration.isCompatible)]));
}

/** Whether a rollback can leave a migration in place. */
export function compatibility(isCompatible) {
  if (isCompatible === true) return h('span', { class: 'label is-good' }, 'rollback stays possible');
  if (isCompatible === false) return h('span', { class: 'label is-bad' }, 'blocks a rollback');
  return h('span', { class: 'label' }, 'the database knows');
}

/** The target, which comes as `{KIND: {_0: SETTINGS}}`, in words. */
export function target(value) {
  const [kind, wrapped] = Object.entries(value)[0] ?? ['unknown', {}];
  const settings = wrapped._0 ?? wrapped;
  return [kind, settings.project && `project ${settings.project}`, settings.release && `release ${settings.release}`,
    settings.namespace && `in ${settings.namespace}`].filter(Boolean).join(' ');
}
