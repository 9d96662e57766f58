// A Change that waits for a person: what an approval would let happen, in full.

import { h } from './dom.js';

/** `current` are the images that the environment runs now, by service; what stays the same is said to. */
export function approvalCard(approval, current = {}, isLinked = true) {
  const { change, environment, run, sum } = approval;
  const title = `approval-${run}-${approval.stage}`;
  return h('article', { class: 'card approval', 'aria-labelledby': title },
    h('header', { class: 'card-head' },
      h('h3', { id: title }, 'Change to ', h('strong', {}, environment)),
      h('span', { class: 'label is-waiting' }, 'waiting for approval')),
    h('dl', { class: 'facts' },
      fact('Images', list(Object.entries(change.images).map(([service, image]) => imageLine(service, image, current[service])))),
      fact('Migrations', migrations(change.schema)),
      fact('Values', values(change.values)),
      fact('Target', target(change.target))),
    h('p', { class: 'command' },
      h('span', { class: 'muted' }, 'Approve exactly this with '),
      h('code', {}, `shipit approve ${run} --change ${sum.slice(0, 12)}`),
      isLinked && h('a', { href: `#/runs/${run}`, 'data-key': title }, `Run ${run}`)));
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
  return list(schema.pending.map((migration) => [h('code', {}, migration.file),
    h('span', { class: 'muted' }, migration.isCompatible ? ' rollback stays possible' : ' no rollback across it')]));
}

function values(entries) {
  const names = Object.keys(entries).sort();
  if (!names.length) return h('span', { class: 'muted' }, 'none');
  return list(names.map((name) => [h('span', { class: 'key wide' }, name), h('code', {}, entries[name])]));
}

/** The target comes as `{KIND: {_0: SETTINGS}}`. */
function target(value) {
  const [kind, wrapped] = Object.entries(value)[0] ?? ['unknown', {}];
  const settings = wrapped._0 ?? wrapped;
  return [kind, settings.project ? ` project ${settings.project}` : ''].join('');
}
