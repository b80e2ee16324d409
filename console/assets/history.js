// What an execution's history says of each state of its machine, computed from
// the API's answers alone.
import { statesOf } from './states.js';

/** How bad a state is that was entered several times: as bad as its worst visit. */
const worst = ['failed', 'caught', 'stopped', 'succeeded'];

/** The first of a visit and what it is in that is meant; undefined when there is none. */
function climb(visit, meant) {
  for (; visit; visit = visit.parent) if (meant(visit)) return visit;
  return undefined;
}

/** Reads a history, event by event. */
class Reader {
  constructor(definition) {
    this.known = definition ? statesOf(definition) : new Map();
  }

  /** Every visit of a state, in the order in which they began. */
  visits = [];
  /** Whose an event is, by its id. */
  owner = new Map();
  open = new Set();

  enter(event, given) {
    const before = this.owner.get(event.previous);
    const at = Date.parse(event.at);
    // From a state that has ended, on one goes beside it; from one that has not, into it.
    const visit = { since: at, took: 0, status: 'running', tries: [], parent: before && (this.open.has(before) ? before : before.parent), ...given };
    this.visits.push(visit);
    this.open.add(visit);
    return visit;
  }

  /** Ends a visit and what is still going on in it. */
  close(visit, at, status) {
    this.stop(visit, at);
    if (!this.open.delete(visit)) return;
    visit.took += at - visit.since;
    visit.status = status;
  }

  /** Ends what is still going on in a visit: one of it has failed, the others are stopped. */
  stop(visit, at) {
    for (const inner of this.open) {
      if (inner !== visit && climb(inner, (v) => v === visit)) this.close(inner, at, failing(inner) ? 'failed' : 'stopped');
    }
  }

  last(name) {
    return this.visits.findLast((v) => v.name === name && this.open.has(v)) ?? this.visits.findLast((v) => v.name === name);
  }

  /** Reads an event; returns the visit that it is of. */
  read(event) {
    const at = Date.parse(event.at);
    const before = this.owner.get(event.previous);
    const [, kind] = /^(.*)StateEntered$/.exec(event.type) ?? [];
    if (kind) {
      const { Error: error, Cause: cause } = (kind === 'Fail' && this.known.get(event.state)?.state) || {};
      return this.enter(event, { name: event.state, kind, input: event.input, error, cause });
    }
    if (event.type.endsWith('StateExited')) {
      const visit = climb(before, (v) => v.name === event.state) ?? this.last(event.state);
      if (!visit) return undefined; // its entry is on a page that is not loaded
      this.close(visit, at, visit.error ? 'caught' : 'succeeded');
      visit.output = event.output;
      return visit;
    }
    if (event.type.endsWith('StateAborted')) return before; // of which state, only the end of what it is in says
    if (event.type.startsWith('MapIteration')) return this.iteration(event, before, at);
    if (/^(Parallel|Map)State/.test(event.type) || event.type.startsWith('MapRun')) return this.container(event, before, at);
    const visit = event.state ? this.last(event.state) : before;
    if (!visit) return undefined;
    if (event.type.endsWith('Scheduled')) again(visit, at);
    else if (/(Failed|TimedOut)$/.test(event.type) && !event.type.startsWith('Execution')) fail(visit, event, at);
    return visit;
  }

  iteration(event, before, at) {
    if (event.type === 'MapIterationStarted') {
      const map = climb(before, (v) => v.kind === 'Map' && this.open.has(v));
      return this.enter(event, { iteration: true, index: event.index ?? 0, parent: map });
    }
    const visit = climb(before, (v) => v.iteration);
    if (visit) this.close(visit, at, event.type === 'MapIterationSucceeded' ? 'succeeded' : event.type === 'MapIterationFailed' ? 'failed' : 'stopped');
    return visit;
  }

  /** What is told of a Parallel or a Map as a whole. */
  container(event, before, at) {
    const kind = event.type.startsWith('Map') ? 'Map' : 'Parallel';
    // What fails after one that has failed is what that is in.
    const from = before?.failedBy === event.previous && event.type.endsWith('Failed') && !event.type.startsWith('MapState') ? before.parent : before;
    const visit = climb(from, (v) => v.kind === kind && this.open.has(v));
    if (!visit) return before;
    if (event.mapRun) visit.mapRun = event.mapRun;
    if (event.type.endsWith('StateStarted')) {
      if (visit.tries.length) this.lose(visit, {}, at); // all of it is tried once more
      again(visit, at);
    }
    if (event.type.endsWith('Failed')) {
      this.lose(visit, event, at);
      visit.failedBy = event.id;
    }
    return visit;
  }

  /** Fails a container, by what its event says or by what has failed in it. */
  lose(visit, event, at) {
    this.stop(visit, at);
    const cause = this.visits.findLast((v) => v.status === 'failed' && v.error && climb(v, (outer) => outer === visit));
    fail(visit, { error: event.error || visit.error || cause?.error || event.type, cause: event.cause || visit.cause || cause?.cause }, at);
  }
}

const failing = (visit) => visit.error !== undefined || visit.kind === 'Fail';

function again(visit, at) {
  visit.tries.push({ at });
  visit.error = visit.cause = undefined;
  visit.status = 'running';
}

function fail(visit, event, at) {
  visit.error = event.error || event.type;
  visit.cause = event.cause;
  visit.status = 'retrying'; // or caught, or the end: what follows says
  if (visit.tries.length) Object.assign(visit.tries.at(-1), { error: visit.error, cause: visit.cause, ended: at });
}

/**
 * What is known of each state that was entered, by its name: {status, since,
 * took, times, open, retries, error, cause, input, output, tries, mapRun,
 * visits}. status is running, succeeded, retrying, caught, failed or stopped;
 * what of several visits is told is that of the one that matters most. The
 * definition tells with what a Fail state fails.
 */
export function follow(history, definition) {
  const reader = new Reader(definition);
  let ended;
  for (const event of history) {
    const visit = reader.read(event);
    if (visit) reader.owner.set(event.id, visit);
    if (event.type === 'ExecutionSucceeded') ended = { status: 'succeeded' };
    else if (event.type === 'ExecutionRedriven') ended = undefined;
    else if (/^Execution(Failed|Aborted|TimedOut)$/.test(event.type)) ended = { status: event.type === 'ExecutionAborted' ? 'stopped' : 'failed', error: event.error, cause: event.cause, at: Date.parse(event.at), visit };
  }
  if (ended && ended.status !== 'succeeded') {
    if (ended.visit && reader.open.has(ended.visit) && ended.status === 'failed' && !ended.visit.error) Object.assign(ended.visit, { error: ended.error, cause: ended.cause });
    for (const visit of [...reader.open]) reader.close(visit, ended.at, failing(visit) && ended.status === 'failed' ? 'failed' : 'stopped');
  }
  const byName = new Map();
  for (const visit of reader.visits) {
    if (visit.iteration) continue;
    if (!byName.has(visit.name)) byName.set(visit.name, []);
    byName.get(visit.name).push(visit);
  }
  const states = new Map([...byName].map(([name, visits]) => [name, together(visits, reader.open)]));
  return { states, ended };
}

function together(visits, open) {
  const going = visits.filter((v) => open.has(v));
  const rank = (v) => worst.indexOf(v.status);
  const shown = going.findLast((v) => v.status === 'retrying') ?? going.at(-1) ?? visits.reduce((a, b) => (rank(b) <= rank(a) ? b : a));
  const index = (v) => climb(v, (outer) => outer.iteration)?.index;
  return {
    status: shown.status, since: shown.since, error: shown.error, cause: shown.cause, input: shown.input, output: shown.output, tries: shown.tries, mapRun: shown.mapRun,
    took: visits.reduce((sum, v) => sum + v.took, 0), times: visits.length, open: going.length,
    retries: visits.reduce((sum, v) => sum + Math.max(0, v.tries.length - 1), 0),
    visits: visits.map(({ status, since, took, error, cause, input, output, tries, ...v }) => ({ status, since, took, error, cause, input, output, tries, index: index(v) })),
  };
}
