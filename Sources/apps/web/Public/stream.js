// A run's events as they happen. Each only says that there is something new: what is shown is always asked for as a whole, so that a
// connection that was lost leaves no gap.

const pauses = [1000, 2000, 5000, 15000];

/**
 * Follows a run after a position. `tell` is told `live`, `lost` or `ended`, and `news` when something happened or may have.
 * Answers with how to stop.
 */
export function follow(run, position, news, tell) {
  let source = null;
  let timer = null;
  let failures = 0;
  let last = position;

  function open() {
    source = new EventSource(`api/runs/${run}/stream?after=${last}`);
    source.addEventListener('open', () => {
      failures = 0;
      tell('live');
      news();
    });
    source.addEventListener('message', ({ lastEventId }) => {
      last = Number(lastEventId) || last;
      news();
    });
    source.addEventListener('end', () => {
      stop();
      tell('ended');
      news();
    });
    source.addEventListener('error', () => {
      tell('lost');
      // The browser comes again by itself after a loss, and never after an answer that is no stream.
      source.close();
      timer = setTimeout(open, pauses[Math.min(failures, pauses.length - 1)]);
      failures += 1;
    });
  }

  function stop() {
    clearTimeout(timer);
    source?.close();
  }

  open();
  return stop;
}
