// The words of the API for runs and stages, and what they look like.

import { lasting } from './dom.js';

const symbols = {
  succeeded: '✓', skipped: '–', failed: '✕', blocked: '·', cancelled: '–', indeterminate: '?', 'in-doubt': '?',
  waiting: '‖', running: '›', 'backing-off': '↻', ready: '·', pending: '·',
};

/** One character that tells stages apart where colours cannot. */
export function stageSymbol(state) {
  return symbols[state] ?? '·';
}

/** Whether a run in this status can still go on. */
export function isOpen(status) {
  return !['succeeded', 'failed', 'cancelled'].includes(status);
}

/** How long a run took so far; while it only waits, nothing is added. */
export function runTime(run) {
  return lasting(run.created, run.status === 'running' ? null : run.updated);
}
