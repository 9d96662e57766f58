// What a stage printed: its end first, then all that comes while it is under way; read by byte ranges, so that nothing is read twice.

import { h } from './dom.js';
import { delay, part } from './api.js';

/** How much is asked for at once, and how much is shown at the most: the rest is one link away. */
const piece = 256 * 1024;
const shown = 512 * 1024;
const pause = 1000;
const pauses = [2000, 4000, 8000, 15000];
/** How long after its stage has ended a log may still grow: whoever drove it sends the rest. */
const grace = 6000;

// Escape sequences (ECMA-48): commands to a terminal, which this is not.
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]*[0-~])/g;
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/**
 * The log of a stage, which its row holds: `element`, and `update` with the stage as it is now. It follows while it is in the page, and
 * rests as soon as it is not.
 */
export function logView(run, name) {
  const id = `log-${name}`;
  const text = h('pre', { class: 'log-text', id, tabindex: '0', role: 'region', 'aria-label': `Output of ${name}` });
  const state = h('p', { class: 'log-state' });
  // How much there is changes all the time, and is not what anybody listens for.
  const told = h('p', { class: 'unseen', role: 'status' });
  const whole = h('a', { target: '_blank', rel: 'noopener' }, 'Whole log');
  const choice = h('select', { 'aria-label': `Attempt of ${name}` });
  const newest = h('button', { type: 'button', class: 'quiet', hidden: true }, '↓ Newest');
  const element = h('div', { class: 'log' }, h('div', { class: 'log-head' }, choice, whole, newest, state, told), text);
  let [stage, attempt, start, end, length, failures, timer, isBusy, isCarriage] = [null, 0, 0, 0, 0, 0, null, false, false];
  let decoder = new TextDecoder();
  let generation = 0;

  choice.addEventListener('change', () => begin(Number(choice.value)));
  newest.addEventListener('click', () => {
    text.scrollTop = text.scrollHeight;
    text.focus({ preventScroll: true });
  });
  text.addEventListener('scroll', () => { newest.hidden = isAtEnd(); });

  function isAtEnd() {
    return text.scrollHeight - text.scrollTop - text.clientHeight < 24;
  }

  function update(now) {
    const had = stage?.attempts;
    stage = now;
    if (had !== now.attempts) {
      choice.replaceChildren(...Array.from({ length: now.attempts }, (_, number) => h('option', { value: number + 1 }, `attempt ${number + 1}`)));
      choice.hidden = now.attempts < 2;
      begin(now.attempts);
    } else if (!isBusy && isOpen()) soon(0);
  }

  function begin(number) {
    clearTimeout(timer);
    generation += 1;
    [attempt, start, end, length, failures, isCarriage, decoder] = [number, 0, 0, 0, 0, false, new TextDecoder()];
    choice.value = String(number);
    whole.href = `api/runs/${run}/stages/${name}/log?attempt=${number}`;
    text.replaceChildren();
    newest.hidden = true;
    say('Reading…');
    soon(0);
  }

  function soon(wait) {
    isBusy = true;
    timer = setTimeout(read, wait, generation);
  }

  function say(words, news = words) {
    if (state.textContent !== words) state.textContent = words;
    if (told.textContent !== news) told.textContent = news;
  }

  /** Whether more may come. */
  function isOpen() {
    return attempt === stage.attempts && (!stage.ended || Date.now() - stage.ended < grace);
  }

  async function read(mine) {
    if (mine !== generation) return;
    isBusy = element.isConnected;
    if (!isBusy) return;
    let wait = pause;
    try {
      // With the last byte that is known: what has not grown is an answer then, and not an error that browsers write down.
      const range = end === 0 ? `bytes=-${piece}` : `bytes=${end - 1}-${end + piece - 2}`;
      const { bytes, from, size } = await news(`runs/${run}/stages/${name}/log?attempt=${attempt}`, range);
      if (mine !== generation) return;
      failures = 0;
      if (bytes.length > 0) {
        if (end === 0) start = from;
        append(bytes, end === 0 && from > 0);
        end = from + bytes.length;
        if (end < size) wait = 0;
      }
      say(...words(size));
    } catch (error) {
      if (mine !== generation) return;
      if (error.status === 404) {
        say('Nothing is kept here of what it printed.');
        whole.hidden = true;
        isBusy = false;
        return;
      }
      if (error.status === 401) {
        say('Sign in to read on.');
        isBusy = false;
        return;
      }
      say(`${delay(error) ?? 'The connection is lost'}: trying again.`);
      wait = Math.max(error.rest ?? 0, pauses[Math.min(failures, pauses.length - 1)]);
      failures += 1;
    }
    isBusy = isOpen() || wait === 0 || failures > 0;
    if (isBusy) soon(wait);
  }

  async function news(path, range) {
    const { bytes, from, size } = await part(path, range);
    return end === 0 ? { bytes, from, size } : { bytes: bytes.subarray(1), from: end, size };
  }

  /** How much there is and whether more may come, and the latter alone. */
  function words(size) {
    if (size === 0) return [isOpen() ? 'Nothing printed yet.' : 'It printed nothing.'];
    const left = start > 0 ? `The last ${amount(end - start)} of ${amount(size)}` : amount(size);
    return isOpen() ? [`${left}, following`, 'Following.'] : [left, 'That is all.'];
  }

  function append(bytes, isCut) {
    const wasAtEnd = isAtEnd() || text.childNodes.length === 0;
    let fresh = decoder.decode(bytes, { stream: true });
    // The part of a line that the range began with tells nothing.
    if (isCut) fresh = fresh.slice(fresh.indexOf('\n') + 1);
    fresh = lines(fresh);
    text.append(fresh);
    length += fresh.length;
    // What is old goes, piece by piece as it came.
    while (text.childNodes.length > 1 && length > shown) {
      length -= text.firstChild.length;
      start += new TextEncoder().encode(text.firstChild.data).length;
      text.firstChild.remove();
    }
    if (wasAtEnd) text.scrollTop = text.scrollHeight;
    newest.hidden = isAtEnd();
  }

  /** Text as a terminal would leave it: without commands, and of a line that was written over again and again the last. */
  function lines(fresh) {
    let clean = fresh.replaceAll(escapes, '').replaceAll('\r\n', '\n');
    if (isCarriage && !clean.startsWith('\n')) clean = `\n${clean}`;
    isCarriage = clean.endsWith('\r');
    if (clean.includes('\r')) clean = clean.split('\n').map(lastWriting).join('\n');
    return clean.replaceAll(controls, '');
  }

  return { element, update };
}

/** What stands in a line at last; by hand, since a pattern would try each of its characters as a beginning, and a line may be all there is. */
function lastWriting(line) {
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

function amount(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
