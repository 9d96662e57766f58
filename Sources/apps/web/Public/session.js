// Who is signed in, and what they may do; the token itself is where no script gets it.

import { change, get } from './api.js';
import { h, replace } from './dom.js';

const corner = document.getElementById('who');
let person = null;

/** Who is signed in: `{name, role, may, roles}`, with the roles that each decision takes; null for nobody. */
export function whoIsSignedIn() {
  return person;
}

/** Asks who is signed in. */
export async function identify() {
  try {
    const found = await get('whoami');
    person = found.role ? found : null;
  } catch (error) {
    if (error.status !== 401 && error.status !== 403) return;
    person = null;
  }
  drawCorner();
}

/** Forgets who is signed in: the control plane does not know them any more. */
export function forgetPerson() {
  if (!person) return;
  person = null;
  drawCorner();
}

function drawCorner() {
  replace(corner, person
    ? [h('span', { class: 'who', title: `role ${person.role}` }, person.name), button('Sign out', signOut)]
    : h('a', { href: '#/sign-in', 'data-key': 'sign-in' }, 'Sign in'));
}

async function signOut() {
  await change('DELETE', 'session').catch(() => {});
  await identify();
  dispatchEvent(new Event('changed'));
}

function button(text, act) {
  const element = h('button', { type: 'button', class: 'quiet', 'data-key': text }, text);
  element.addEventListener('click', act);
  return element;
}

let form = null;

/** `why` says what signing in is wanted for, where somebody did not choose to. */
export async function signInPage(why) {
  return { title: 'Sign in', key: [person, why], draw: () => draw(why), isStill: true };
}

function draw(why) {
  form ??= signInForm();
  return h('div', { class: 'narrow' }, h('div', { class: 'title' }, h('h1', {}, 'Sign in')),
    why && h('p', { class: 'warning' }, why),
    person ? h('p', { class: 'lead' }, 'Signed in as ', h('strong', {}, person.name), `, ${person.role}.`) : form,
    h('p', { class: 'muted lead' }, 'A token is made where the service’s database is reached, or by an admin: ', h('code', { class: 'typed' }, 'api token create --name NAME --role ROLE'),
      '. It is kept in a cookie that no script can read, until you sign out or for twelve hours.'));
}

function signInForm() {
  const input = h('input', {
    id: 'token', name: 'token', type: 'password', autocomplete: 'current-password', required: true, spellcheck: 'false', 'data-key': 'token',
    'aria-describedby': 'sign-in-problem',
  });
  const problem = h('p', { class: 'problem', id: 'sign-in-problem', role: 'alert' });
  const send = h('button', { class: 'primary', 'data-key': 'send-token' }, 'Sign in');
  const element = h('form', { class: 'form' }, h('label', { class: 'field', for: 'token' }, 'Token'), input, problem, h('p', {}, send));
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    send.disabled = true;
    problem.textContent = '';
    try {
      await change('POST', 'session', { token: input.value.trim() });
      input.value = '';
      await identify();
      if (location.hash.startsWith('#/sign-in')) location.hash = '#/';
      dispatchEvent(new Event('changed'));
    } catch (error) {
      problem.textContent = error.status ? error.message : 'The service does not answer. Try again.';
      input.focus();
    }
    send.disabled = false;
  });
  return element;
}
