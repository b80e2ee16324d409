// What a definition in the States Language says of its states, and what went
// wrong in them. No page in here: it is computed from the API's answers alone.

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

/** Which rule of a Retry or a Catch an error meets; undefined when none does. */
export function meets(rules, error) {
  return (rules ?? []).find((rule) => rule.ErrorEquals.some((name) => name === error || name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout')));
}

/**
 * What went wrong, in the order in which it began: {name, status, error, cause,
 * tries, by, next, end}. by is the state whose Catch took it, which may be one
 * around it, and next where that went on; neither is there when nothing caught it.
 * end says that it is a Fail state. What only failed because of what is in it is
 * not told.
 */
export function troubles(states, definition) {
  const known = statesOf(definition);
  const wrong = [...states].filter(([, s]) => s.status === 'failed' || s.status === 'caught');
  const within = (name, outer) => {
    for (let at = known.get(name)?.parent; at; at = known.get(at)?.parent) if (at === outer) return true;
    return false;
  };
  return wrong.filter(([name]) => !wrong.some(([other]) => within(other, name))).map(([name, s]) => {
    let by = name;
    while (by && states.get(by)?.status !== 'caught') by = known.get(by)?.parent;
    const next = by && meets(known.get(by)?.state.Catch, states.get(by).error)?.Next;
    return { name, status: s.status, error: s.error, cause: s.cause, tries: s.tries.length, by, next, end: known.get(name)?.state.Type === 'Fail' };
  });
}
