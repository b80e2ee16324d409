// Runs a machine of ten states with aws-local-stepfunctions, and prints how many
// executions a second, and how many in a second of processor time.
//   node run.mjs pass|task SECONDS
import {StateMachine} from 'aws-local-stepfunctions';

const [kind, seconds] = process.argv.slice(2);
const state = kind === 'task'
  ? {Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:x'}
  : {Type: 'Pass'};
const states = {};
for (let i = 0; i < 10; i++) {
  states[`S${i}`] = {...state, ...(i < 9 ? {Next: `S${i + 1}`} : {End: true})};
}
const machine = new StateMachine({StartAt: 'S0', States: states});
const handlers = {};
for (const name of Object.keys(states)) handlers[name] = (input) => input;
const options = {overrides: {taskResourceLocalHandlers: handlers}};
const input = {hello: 'world', n: 1};

// runFor runs executions, so many at once, and returns how many ended in that time.
async function runFor(milliseconds, atOnce) {
  const end = performance.now() + milliseconds;
  let count = 0;
  await Promise.all(Array.from({length: atOnce}, async () => {
    while (performance.now() < end) {
      const output = await machine.run(input, options).result;
      if (output.n !== 1) throw new Error(`output ${JSON.stringify(output)}`);
      count++;
    }
  }));
  return count;
}

await runFor(1000, 1); // warms it up
let best = {perSecond: 0, perCPUSecond: 0};
for (const atOnce of [1, 16]) {
  const began = performance.now(), cpu = process.cpuUsage();
  const count = await runFor(seconds * 500, atOnce);
  const seen = process.cpuUsage(cpu);
  const now = {perSecond: count / ((performance.now() - began) / 1e3), perCPUSecond: count / ((seen.user + seen.system) / 1e6)};
  if (now.perCPUSecond > best.perCPUSecond) best = now;
}
console.log(Math.round(best.perSecond), Math.round(best.perCPUSecond));
