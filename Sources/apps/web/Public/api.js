// What is asked of the control plane, and why it said no.

const patience = 6000;

/** The JSON at `api/PATH`; throws an error with the `status` and what the control plane says of it. */
export async function get(path) {
  return answer(await fetch(`api/${path}`, { signal: AbortSignal.timeout(patience), headers: { Accept: 'application/json' } }));
}

async function answer(response) {
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  throw Object.assign(new Error(body?.detail ?? `The service answered ${response.status}.`), { status: response.status });
}
