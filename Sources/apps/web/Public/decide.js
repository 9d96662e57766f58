// Forms by which somebody decides something with a reason: approve, reject, hold, cancel. What was typed outlives a page that is drawn anew.

import { change } from './api.js';
import { h } from './dom.js';
import { whoIsSignedIn } from './session.js';

const forms = new Map();
const alternatives = new Intl.ListFormat('en', { type: 'disjunction' });

/**
 * A form for one decision; `id` names it among all.
 *
 * `right` is what one must be allowed to: `approve`, `hold` or `cancel`. Each of `choices` has `text`, `kind` (a class), `needsReason`, and
 * `ask`, which makes of the reason what is sent: method, path, body. `done` is said afterwards.
 */
export function decision(id, right, choices, done) {
  const person = whoIsSignedIn();
  if (!person) return h('p', { class: 'muted' }, h('a', { href: '#/sign-in', 'data-key': `sign-in-${id}` }, 'Sign in'), ' to decide.');
  if (!person.may.includes(right)) {
    return h('p', { class: 'muted' }, `Your token, ${person.name}, has the role ${person.role}, which may not do this. It takes the role ${alternatives.format(person.roles[right])}.`);
  }
  if (!forms.has(id)) forms.set(id, form(id, choices, done));
  return forms.get(id);
}

function form(id, choices, done) {
  const input = h('textarea', { id: `reason-${id}`, name: 'reason', rows: '2', maxlength: '1000', 'data-key': `reason-${id}`, 'aria-describedby': `problem-${id}` });
  const problem = h('p', { class: 'problem', id: `problem-${id}`, role: 'alert' });
  const said = h('p', { class: 'said', role: 'status' });
  /** One decision's key, and which it was. */
  let key = null;
  let last = null;
  const buttons = choices.map((choice) => h('button', { type: 'submit', class: choice.kind, value: choice.text, 'data-key': `${choice.text}-${id}` }, choice.text));
  const element = h('form', { class: 'form' },
    h('label', { class: 'field', for: `reason-${id}` }, choices.every(({ needsReason }) => needsReason) ? 'Reason' : 'Reason (to approve, it may be left out)'),
    input, problem, h('p', { class: 'buttons' }, buttons), said);
  input.addEventListener('input', () => { key = null; });
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    const choice = choices.find(({ text }) => text === event.submitter?.value) ?? choices[0];
    // It is kept, shown and logged as one line.
    const reason = input.value.trim().replaceAll(/\s+/g, ' ');
    problem.textContent = '';
    if (choice.needsReason && !reason) {
      problem.textContent = 'Say why: it is recorded with the decision.';
      input.focus();
      return;
    }
    for (const button of buttons) button.disabled = true;
    if (last !== choice) key = null;
    last = choice;
    key ??= [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    try {
      const { method, path, body } = choice.ask(reason);
      await change(method, path, body, key);
      key = null;
      input.value = '';
      said.textContent = done ?? 'Recorded.';
      forms.delete(id);
      dispatchEvent(new Event('changed'));
    } catch (error) {
      problem.textContent = why(error);
      if (error.status) key = null;
    }
    for (const button of buttons) button.disabled = false;
  });
  return element;
}

function why(error) {
  if (error.status === 401) return 'Your token is no longer good: sign in again.';
  if (error.status === 403) return `You may not do this. ${error.message}`;
  if (error.status === 409) return `Nothing was recorded: ${error.message}`;
  if (error.status) return error.message;
  return 'No answer came, so it is not known whether this was recorded. Send it again: it is not done twice.';
}
