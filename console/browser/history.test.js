// What the histories of real executions say of their states: machines of their
// own, run by `mayfly asl run`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { follow } from '../assets/history.js';
import { troubles } from '../assets/states.js';

/** The history of a machine that is run, as the API tells it. */
function run(definition, input, ...flags) {
  const { stdout, stderr } = spawnSync(process.env.MAYFLY, ['asl', 'run', '-', '--input', JSON.stringify(input), '--history', '--json', '--seed', '1', ...flags], { input: JSON.stringify(definition), encoding: 'utf8' });
  assert.ok(stdout, stderr);
  return JSON.parse(stdout).events.map((e) => {
    const { name, state = name, index, mapRunArn: mapRun, error, cause, input: given, output } = Object.entries(e).find(([key]) => key.endsWith('Details'))?.[1] ?? {};
    return { id: e.id, previous: e.previousEventId, at: new Date(e.timestamp * 1000).toISOString(), type: e.type, state: /State(Entered|Exited)$/.test(e.type) ? state : undefined, index, mapRun, error, cause, input: given, output };
  });
}

const brief = ({ states }) => Object.fromEntries([...states].map(([name, s]) => [name, [s.status, ...(s.times > 1 ? [`${s.times}x`] : []), ...(s.error ? [s.error] : [])].join(' ')]));
const task = (name, more) => ({ Type: 'Task', Resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}`, ...more });
const machine = (...states) => ({ StartAt: Object.keys(states[0])[0], States: Object.assign({}, ...states) });

const provision = machine(
  { Both: { Type: 'Parallel', Branches: [machine({ Bucket: task('bucket', { Retry: [{ ErrorEquals: ['Throttling'], MaxAttempts: 2, IntervalSeconds: 3, BackoffRate: 2 }], End: true }) }), machine({ Waits: { Type: 'Wait', Seconds: 60, End: true } })], Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Undo' }], Next: 'Done' } },
  { Undo: task('undo', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Left' }], Next: 'Undone' }) }, { Undone: { Type: 'Fail', Error: 'FailedAndUndone' } }, { Left: { Type: 'Fail', Error: 'Left', Cause: 'something is left' } }, { Done: { Type: 'Succeed' } },
);

test('all is well', () => {
  const known = follow(run(provision, {}, '--task', 'Bucket={"made":1}'), provision);
  assert.deepEqual(brief(known), { Both: 'succeeded', Bucket: 'succeeded', Waits: 'succeeded', Done: 'succeeded' });
  assert.equal(known.states.get('Waits').took, 60_000);
  assert.deepEqual(troubles(known.states, provision), []);
});

test('a task that fails in a Parallel state, after its tries: the state around it catches it', () => {
  const known = follow(run(provision, { n: 1 }, '--throw', 'Bucket=Throttling:slow down', '--task', 'Undo=1'), provision);
  assert.deepEqual(brief(known), { Both: 'caught Throttling', Bucket: 'failed Throttling', Waits: 'stopped', Undo: 'succeeded', Undone: 'failed FailedAndUndone' });
  const bucket = known.states.get('Bucket');
  assert.deepEqual([bucket.retries, bucket.cause, bucket.input, bucket.tries.map((t) => [t.at - bucket.since, t.error])], [2, 'slow down', '{"n":1}', [[0, 'Throttling'], [3000, 'Throttling'], [9000, 'Throttling']]]);
  assert.deepEqual(troubles(known.states, provision).map(({ name, status, error, tries, by, next }) => [name, status, error, tries, by, next]), [
    ['Bucket', 'failed', 'Throttling', 3, 'Both', 'Undo'], ['Undone', 'failed', 'FailedAndUndone', 0, undefined, undefined],
  ]);
});

test('what catches its own error says where it went on, and the end why it failed', () => {
  const known = follow(run(provision, {}, '--throw', 'Bucket=Broken', '--throw', 'Undo=AccessDenied:no right'), provision);
  assert.deepEqual(brief(known), { Both: 'caught Broken', Bucket: 'failed Broken', Waits: 'stopped', Undo: 'caught AccessDenied', Left: 'failed Left' });
  assert.deepEqual(troubles(known.states, provision).map(({ name, cause, by, next }) => [name, cause || '', by, next]), [['Bucket', '', 'Both', 'Undo'], ['Undo', 'no right', 'Undo', 'Left'], ['Left', 'something is left', undefined, undefined]]);
});

test('a try that went well leaves no error', () => {
  const history = run(provision, {}, '--throw', 'Bucket=Throttling', '--task', 'Undo=1');
  const second = history.filter((e) => e.type === 'LambdaFunctionScheduled')[1].id;
  const known = follow(history.filter((e) => e.id <= second), provision); // while its second try is under way
  assert.deepEqual(brief(known), { Both: 'running', Bucket: 'running', Waits: 'running' });
  assert.equal(known.states.get('Bucket').retries, 1);
  const between = follow(history.filter((e) => e.id < second), provision);
  assert.equal(brief(between).Bucket, 'retrying Throttling');
});

const each = machine({
  Each: {
    Type: 'Map', ItemsPath: '$.items', End: true,
    ItemProcessor: machine({ Which: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 2, Next: 'Bad' }], Default: 'Good' } }, { Good: { Type: 'Wait', Seconds: 5, End: true } }, { Bad: { Type: 'Fail', Error: 'Odd', Cause: 'two is not wanted' } }),
  },
});

test('a Map state says which item failed', () => {
  const known = follow(run(each, { items: [1, 2] }), each);
  assert.deepEqual(brief(known), { Each: 'failed Odd', Which: 'succeeded 2x', Good: 'stopped', Bad: 'failed Odd' });
  assert.deepEqual(known.states.get('Which').visits.map((v) => [v.index, v.input]), [[0, '1'], [1, '2']]);
  const bad = known.states.get('Bad');
  assert.deepEqual([bad.visits[0].index, bad.cause], [1, 'two is not wanted']);
  assert.deepEqual(troubles(known.states, each).map((t) => [t.name, t.by]), [['Bad', undefined]]);
});

test('a Map state whose items are well, and a Choice that takes one way', () => {
  assert.deepEqual(brief(follow(run(each, { items: [1, 3] }), each)), { Each: 'succeeded', Which: 'succeeded 2x', Good: 'succeeded 2x' });
  assert.deepEqual(brief(follow(run(each, { items: [] }), each)), { Each: 'succeeded' });
});

test('a Parallel state in a Map state is tried once more, and fails with what failed in it', () => {
  const nested = machine({
    Outer: {
      Type: 'Map', ItemsPath: '$.items', MaxConcurrency: 1, Next: 'Over', Catch: [{ ErrorEquals: ['Odd'], Next: 'Over' }],
      ItemProcessor: machine({ Both: { Type: 'Parallel', End: true, Retry: [{ ErrorEquals: ['Odd'], MaxAttempts: 1 }], Branches: [machine({ Slow: { Type: 'Wait', Seconds: 60, End: true } }), machine({ Soon: { Type: 'Wait', Seconds: 1, Next: 'Bad' } }, { Bad: { Type: 'Fail', Error: 'Odd' } })] } }),
    },
  }, { Over: { Type: 'Succeed' } });
  const known = follow(run(nested, { items: [1, 2] }), nested);
  assert.deepEqual(brief(known), { Outer: 'caught Odd', Both: 'failed Odd', Slow: 'stopped 2x', Soon: 'succeeded 2x', Bad: 'failed 2x Odd', Over: 'succeeded' });
  assert.equal(known.states.get('Both').retries, 1);
  assert.deepEqual(troubles(known.states, nested).map((t) => [t.name, t.by, t.next]), [['Bad', 'Outer', 'Over']]);
});

test('no rule of a Choice that fits fails the state', () => {
  const none = machine({ Which: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'Done' }] } }, { Done: { Type: 'Succeed' } });
  assert.deepEqual(brief(follow(run(none, { n: 2 }), none)), { Which: 'failed States.Runtime' });
});

test('a distributed Map state names its map run, and fails with it', () => {
  const many = structuredClone(each);
  many.States.Each.ItemProcessor.ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
  const well = follow(run(many, { items: [1, 3] }), many);
  assert.deepEqual(brief(well), { Each: 'succeeded' });
  assert.match(well.states.get('Each').mapRun, /:mapRun:/);
  const known = follow(run(many, { items: [1, 2, 3] }), many);
  assert.equal(brief(known).Each, 'failed States.ExceedToleratedFailureThreshold');
});

test('half a history is no trouble', () => {
  const history = run(provision, {}, '--throw', 'Bucket=Throttling', '--task', 'Undo=1');
  for (let from = 0; from < history.length; from++) {
    const { states } = follow(history.slice(from), provision);
    troubles(states, provision);
    for (const [name, s] of states) assert.ok(s.took >= 0, `${name} from event ${from}`);
  }
});
