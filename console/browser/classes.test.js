// A class, by who teaches: made, its code given out, joined, changed, ended.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, mayfly, open, violations } from './harness.js';

let at, chrome;
const tokens = {};

before(async () => {
  at = await mayfly(['--propagation', '0s'], { users: ['ada:owner', 'op:admin'], tokens });
  chrome = await browser();
});

after(async () => {
  await chrome?.close();
  await at?.stop();
});

async function signedIn(name, options) {
  const page = await open(chrome, at, options);
  await page.getByLabel('Token').fill(tokens[name]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(`${name} · `).waitFor();
  return page;
}

/** Joins by a code as somebody without an account. */
async function join(code, student, n) {
  const answer = await fetch(`${at.api}/v1/seats`, {
    method: 'POST', body: JSON.stringify({ code, student }),
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer mayfly_seat_cs101_${String(n).repeat(64)}` },
  });
  return answer.status;
}

const finds = async (page, what) => assert.deepEqual(await violations(page), [], what);
const button = (page, name) => page.getByRole('dialog').getByRole('button', { name, exact: true });
const closed = (page) => page.getByRole('dialog').waitFor({ state: 'detached' });

for (const colorScheme of ['light', 'dark']) {
  test(`a class from its making to its end, ${colorScheme}`, { timeout: 900_000 }, async () => {
    const page = await signedIn('ada', { colorScheme });
    await page.go('classes');
    await page.getByText('There is no class').waitFor();
    await finds(page, 'no class');

    // What breaks a rule is told where it is typed, and by the API.
    await page.getByRole('button', { name: 'New class' }).click();
    await page.getByLabel('Name').fill('CS 101');
    assert.ok(await button(page, 'Make it').isDisabled(), 'a name that breaks the rule can be sent');
    await page.getByLabel('Name').fill('cs101');
    await page.getByRole('spinbutton', { name: 'Seats' }).fill('301');
    await button(page, 'Make it').click();
    await page.getByRole('dialog').getByText('1 to 300').waitFor();
    await finds(page, 'the dialog of a new class, refused');
    await page.getByRole('spinbutton', { name: 'Seats' }).fill('2');
    await page.getByLabel(/USD a month/).fill('7.50');
    await button(page, 'Make it').click();
    await page.getByRole('heading', { name: 'cs101', exact: true }).waitFor();

    // The code is shown, once.
    const typed = page.getByRole('region', { name: 'The code of cs101' }).locator('code');
    const first = await typed.innerText();
    assert.match(first, /^mayfly join cs101(-[0-9a-z]{4}){4} --api-url http:/);
    await page.getByText('Nobody has joined yet').waitFor();
    await finds(page, 'a class with its code');
    await page.getByRole('button', { name: 'New code' }).click();
    await button(page, 'Make a new code').click();
    await closed(page);
    const second = await typed.innerText();
    assert.notEqual(second, first);
    const code = (text) => text.split(' ')[2];
    assert.equal(await join(code(first), 'Eve', 9), 403, 'the old code');
    assert.equal(await join(code(second), 'Kim K.', 1), 202);
    assert.equal(await join(code(second), '<b>Lea</b>', 2), 202);
    assert.equal(await join(code(second), 'Max', 3), 409, 'a third of two seats');
    await page.getByRole('row', { name: /Kim K\..*cs101-01.*ready/ }).waitFor();
    await page.getByRole('row', { name: /<b>Lea<\/b>.*cs101-02.*ready/ }).waitFor();

    // It is changed: a third one may join.
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('spinbutton', { name: 'Seats' }).fill('1');
    await button(page, 'Change it').click();
    await page.getByRole('dialog').getByText('2 to 300').waitFor();
    await finds(page, 'the dialog of a change, refused');
    await page.getByRole('spinbutton', { name: 'Seats' }).fill('3');
    await page.getByLabel(/USD a month/).fill('9');
    await button(page, 'Change it').click();
    await closed(page);
    await page.getByText('2 of 3', { exact: true }).waitFor();
    await page.getByText('$9.00 a month').waitFor();
    assert.equal(await join(code(second), 'Max', 3), 202);
    await page.getByRole('row', { name: /Max.*cs101-03.*ready/ }).waitFor();
    await finds(page, 'a class with its seats');

    // An admin brings what it costs up to date, and it is shown to who teaches.
    await fetch(`${at.api}/v1/costs`, { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${tokens.op}` } });
    await page.getByText('as estimated last').waitFor();
    await page.getByRole('link', { name: 'Classes' }).first().click();
    await page.getByRole('row', { name: /cs101.*ada.*3 of 3.*\$9\.00 a month.*\$\d/ }).waitFor();
    await finds(page, 'the classes');
    await page.getByRole('link', { name: 'cs101' }).click();
    await page.getByRole('row', { name: /Kim K\./ }).waitFor();
    assert.equal(await page.getByRole('region', { name: 'The code of cs101' }).count(), 0, 'the code is shown again');

    // Its end says what it removes, wants the name, and goes on until nothing is left.
    await page.getByRole('button', { name: 'End it' }).click();
    await page.getByRole('dialog').getByText(/cs101-03 of Max: its site, its bucket with every version/).waitFor();
    assert.ok(await button(page, 'End it for good').isDisabled(), 'it can be ended without its name');
    await finds(page, 'the dialog of its end');
    await page.getByLabel(/to go on/).fill('cs101');
    await button(page, 'End it for good').click();
    await page.getByText('Class cs101 has ended').waitFor();
    await finds(page, 'a class that has ended');
    await page.getByRole('link', { name: 'The other classes' }).click();
    await page.getByText('There is no class').waitFor();
    page.faults();
    await page.context().close();
  });
}
