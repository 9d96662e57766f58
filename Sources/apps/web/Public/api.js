// What is asked of the control plane, and why it said no.

const patience = 6000;

/**
 * The JSON at `api/PATH`; throws an error with the `status`, what the control plane says of it, and for how many milliseconds it wants to be
 * left alone, `rest`. Nobody waits for it any more once `leaving` is aborted.
 */
export async function get(path, leaving) {
  const signals = [AbortSignal.timeout(patience), leaving].filter(Boolean);
  return answer(await fetch(`api/${path}`, { signal: AbortSignal.any(signals), headers: { Accept: 'application/json' } }));
}

/**
 * Asks for a change. `key` is the same each time that one decision is sent, so that one that got lost on its way can be sent again
 * and is not made twice.
 */
export async function change(method, path, body, key) {
  // What only our own page can send: see docs/web.md.
  const headers = { Accept: 'application/json', 'X-Shipit-Page': '1' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  return answer(await fetch(path, {
    method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(2 * patience),
  }));
}

/**
 * The bytes of `range` at `api/PATH`, where they begin, and how many there are in all. Throws as `get` does.
 */
export async function part(path, range) {
  const response = await fetch(`api/${path}`, { signal: AbortSignal.timeout(patience), headers: { Accept: 'text/plain', Range: range } });
  if (!response.ok) return answer(response);
  const [, from, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '') ?? [];
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { bytes, from: Number(from ?? 0), size: Number(size ?? bytes.length) };
}

async function answer(response) {
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  throw Object.assign(new Error(body?.detail ?? `The service answered ${response.status}.`), {
    status: response.status, rest: 1000 * Math.max(0, Number(response.headers.get('Retry-After')) || 0),
  });
}

/** Why an answer is put off, in words that can be read where something was expected; nothing for other answers. */
export function delay({ status }) {
  if (status === 429) return 'More was asked from here than the control plane answers at once';
  return status === 503 ? 'The control plane cannot answer now' : null;
}
