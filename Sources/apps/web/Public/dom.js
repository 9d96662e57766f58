// Elements from data. Text only ever becomes text nodes, so nothing that a commit, a person or a tool wrote is read as markup.

/** An element: `attributes` by name (false and null leave one out), children as nodes or text. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== false && value != null) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

const drawing = 'http://www.w3.org/2000/svg';

/** The same for an element of a drawing. */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(drawing, tag);
  for (const [name, value] of Object.entries(attributes ?? {})) if (value !== false && value != null) element.setAttribute(name, value);
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

/**
 * Puts `nodes` in place of what `parent` holds, and keeps the keyboard's place and opened details, by `data-key`. A function among them makes
 * nodes, and may use some that are shown now.
 */
export function replace(parent, ...nodes) {
  const active = parent.contains(document.activeElement) ? document.activeElement : null;
  const caret = active?.tagName === 'TEXTAREA' ? active.selectionStart : null;
  const before = [...keyed(parent)];
  const focused = active && before.find(([, element]) => handle(element) === active)?.[0];
  const opened = new Set(before.filter(([, { open }]) => open).map(([key]) => key));
  const fresh = nodes.map((node) => (typeof node === 'function' ? node() : node)).flat(Infinity).filter(Boolean);
  // What brought itself up to date is there already.
  if (fresh.length === 1 && fresh[0] === parent.firstElementChild && parent.childElementCount === 1) return;
  parent.replaceChildren(...fresh);
  if (!focused && opened.size === 0) return;
  const after = keyed(parent);
  for (const key of opened) if (after.has(key)) after.get(key).open = true;
  const found = after.has(focused) && handle(after.get(focused));
  if (!found) return;
  found.focus({ preventScroll: true });
  if (caret != null) found.setSelectionRange?.(caret, caret);
}

/** All that has a `data-key`, by it and its number among those that have the same. */
function keyed(parent) {
  const [found, counts] = [new Map(), new Map()];
  for (const element of parent.querySelectorAll('[data-key]')) {
    const { key } = element.dataset;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    found.set(`${key} ${count}`, element);
  }
  return found;
}

/** What of an element takes the keyboard. */
function handle(element) {
  return element.matches('details') ? element.querySelector('summary') : element;
}

/** A part of a page under a heading of its own. */
export function section(title, ...content) {
  const id = title.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  return h('section', { 'aria-labelledby': id }, h('h2', { id }, title), content);
}

/** The way back to the pages above this one: pairs of a name and an address. */
export function crumbs(...places) {
  return h('nav', { class: 'crumbs', 'aria-label': 'Breadcrumb' }, h('ol', {}, places.map(([name, href]) =>
    h('li', {}, href ? h('a', { href, 'data-key': `crumb-${href}` }, name) : h('span', { 'aria-current': 'page' }, name)))));
}

/** Says that there is nothing, and which command would change that. */
export function empty(text, command, ending = ' begins.') {
  return h('p', { class: 'empty' }, text, command && [h('code', {}, command), ending]);
}

/** A state as a coloured label: the word says it, the colour only helps. */
export function label(word, text = word) {
  return h('span', { class: `label is-${word}` }, text.replaceAll('-', ' '));
}

/** What is too long to be read at a glance, as `short`; unfolded it is there as a whole, to be compared and copied. */
export function folded(whole, short) {
  return h('details', { class: 'folded', 'data-key': `whole-${whole}` }, h('summary', {}, h('code', {}, short)), h('code', { class: 'whole' }, whole));
}

/** A commit, short, with the whole SHA on hover. */
export function commit(sha, isDirty = false) {
  return h('code', { class: 'sha', title: sha }, sha.slice(0, 8), isDirty && ' +changes');
}

/** A moment, relative; `tick` keeps it true. */
export function ago(at) {
  const date = new Date(at);
  return h('time', { datetime: date.toISOString(), title: date.toLocaleString(), 'data-ago': at }, relative(at));
}

/** The time from `from` to `to`, or until now while `to` is missing; `tick` keeps it true. */
export function lasting(from, to) {
  return h('span', { class: 'duration', 'data-since': to ? null : from }, duration((to ?? Date.now()) - from));
}

/** Brings all relative times up to date, in place. */
export function tick() {
  for (const element of document.querySelectorAll('[data-ago]')) set(element, relative(Number(element.dataset.ago)));
  for (const element of document.querySelectorAll('[data-since]')) {
    set(element, duration(Date.now() - Number(element.dataset.since)));
  }
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function relative(at) {
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} days ago`;
}

/** A length of time in words as short as they can be. */
export function duration(milliseconds) {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds / 60) % 60)).padStart(2, '0')} m`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds / 3600) % 24)} h`;
}
