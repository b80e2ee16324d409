// What an execution's history says of each state of its machine. No page in
// here: it is computed from the API's answers alone.

/** All states of a definition with the ones inside others, by name; names are unique in a machine. */
export function statesOf(definition) {
  const found = new Map();
  const walk = (machine, parent) => {
    for (const [name, state] of Object.entries(machine?.States ?? {})) {
      found.set(name, { state, parent });
      for (const inner of inside(state)) walk(inner, name);
    }
  };
  walk(definition);
  return found;
}

/** The machines inside a state: a Parallel's branches, a Map's item processor. */
export const inside = (state) => state.Branches ?? [state.ItemProcessor ?? state.Iterator].filter(Boolean);

/** Where a state may go: [to, kind, title]. */
export function nexts(state) {
  const to = [];
  if (state.Next) to.push([state.Next, 'next', '']);
  for (const choice of state.Choices ?? []) to.push([choice.Next, 'choice', rule(choice)]);
  if (state.Default) to.push([state.Default, 'choice', 'otherwise']);
  for (const one of state.Catch ?? []) to.push([one.Next, 'catch', `on ${one.ErrorEquals.join(', ')}`]);
  return to;
}

function rule(choice) {
  if (choice.Condition) return choice.Condition.replace(/^\{%\s*|\s*%\}$/g, '');
  const { Variable, Next, Comment, ...test } = choice;
  return [Variable, ...Object.entries(test).map(([op, value]) => `${op} ${JSON.stringify(value)}`)].filter(Boolean).join(' ');
}

/**
 * The state of each state: {status, since, took, times, retries, error, cause,
 * input, output}. status is running, succeeded, retrying, caught, failed or
 * stopped; a state that was never entered is not there.
 */
export function follow(history) {
  const states = new Map();
  const owner = new Map(); // the state that an event is of
  let ended;
  for (const event of history) {
    const at = Date.parse(event.at);
    if (event.type.endsWith('StateEntered')) {
      owner.set(event.id, event.state);
      const before = states.get(event.state);
      states.set(event.state, { status: 'running', since: at, took: before?.took ?? 0, times: (before?.times ?? 0) + 1, open: (before?.open ?? 0) + 1, tries: 0, retries: before?.retries ?? 0, input: event.input });
      continue;
    }
    if (event.type.endsWith('StateExited')) {
      owner.set(event.id, event.state);
      const state = states.get(event.state);
      if (!state) continue; // its entry is on a page that is not loaded
      state.took += at - state.since;
      state.open--;
      state.output = event.output;
      if (state.open === 0) state.status = state.error ? 'caught' : 'succeeded';
      continue;
    }
    const name = owner.get(event.previous);
    if (name) owner.set(event.id, name);
    if (event.type === 'ExecutionSucceeded') ended = { status: 'succeeded' };
    else if (/^Execution(Failed|Aborted|TimedOut)$/.test(event.type)) {
      const status = event.type === 'ExecutionAborted' ? 'stopped' : 'failed';
      ended = { status, error: event.error, cause: event.cause, at };
      const last = states.get(name);
      if (last && last.status !== 'caught') {
        last.status = status;
        last.error ??= event.error;
        last.cause ??= event.cause;
      }
    }
    const state = states.get(name);
    if (!state || ended) continue;
    if (/Scheduled$/.test(event.type)) {
      if (state.tries++ > 0) {
        state.retries++;
        state.error = state.cause = undefined;
      }
      state.status = 'running';
    } else if (/(Failed|TimedOut)$/.test(event.type)) {
      state.error = event.error || event.type;
      state.cause = event.cause;
      state.status = 'retrying'; // or caught, or the end: what follows says
    } else if (/Succeeded$/.test(event.type)) {
      state.error = state.cause = undefined;
    }
  }
  if (ended && ended.status !== 'succeeded') {
    for (const state of states.values()) {
      if (state.open > 0 && (state.status === 'running' || state.status === 'retrying')) {
        state.took += ended.at - state.since;
        state.status = state.error ? 'failed' : 'stopped';
      }
    }
  }
  return { states, ended };
}
