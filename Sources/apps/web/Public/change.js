// A Change that waits for a person: what an approval would let happen, in short.

import { h } from './dom.js';

/** `current` are the images that the environment runs now, by service; what stays the same is said to. `heading` is the level it stands at. */
export function approvalCard(approval, current = {}, heading = 'h3') {
  const { change, environment, run, stage, sum } = approval;
  const title = `approval-${run}-${stage}`;
  return h('article', { class: 'card approval', 'aria-labelledby': title },
    h('header', { class: 'card-head' },
      h(heading, { id: title }, 'Change to ', h('strong', {}, environment)),
      h('span', { class: 'label is-waiting' }, 'waiting for approval')),
    h('dl', { class: 'facts' },
      fact('Images', list(Object.entries(change.images).map(([service, image]) => imageLine(service, image, current[service])))),
      fact('Migrations', migrations(change.schema))),
    h('p', { class: 'command' },
      h('a', { class: 'button', href: `#/runs/${run}/approval/${stage}`, 'data-key': title }, 'Look and decide'),
      h('span', { class: 'muted' }, 'or in a terminal '),
      h('code', { class: 'typed' }, `shipit approve ${run} --change ${sum.slice(0, 12)}`)));
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

/** An image by digest, short, with the whole reference on hover. */
export function digest(image) {
  return h('code', { title: image }, (image.split('@sha256:')[1] ?? image).slice(0, 12));
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
