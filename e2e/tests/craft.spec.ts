// What makes a day's work pleasant: lists as one wants them, mistakes that are taken back, nothing typed that is lost, and windows that agree.
import { readFileSync } from 'node:fs';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { Instance } from '../support/instance';
import { fillInbox } from '../support/many';
import { Customer, Member } from '../support/people';
import { accessible } from '../support/screens';
import { desktop, loaded } from '../support/site';

let browser: Browser;
let parley: Instance;
let owner: Member;
let customer: Customer;
let credentials: { email: string; password: string };

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser: given }: { browser: Browser }) => {
  test.setTimeout(300_000);
  browser = given;
  parley = await Instance.create();
  await parley.start();
  credentials = parley.credentials;
  owner = await Member.signIn(browser, parley, credentials);
  customer = await Customer.start(parley, (await owner.call<{ items: { publicKey: string }[] }>('GET', '/v1/widgets')).items[0]!.publicKey);
  await customer.write('Where is my parcel?');
  await customer.askForPerson();
  for (let i = 1; i <= 70; i++) await owner.call('POST', '/v1/tasks', { title: i === 7 ? '=1+1 is no formula' : `Task number ${i}` });
});

test.afterAll(async () => {
  await parley?.dispose();
});

const toast = (page: Page) => page.getByRole('region', { name: 'Notifications' });

test('a table shows the columns that somebody chose, remembers them, and saves all that it holds', async () => {
  const page = await owner.open('tasks?view=open');
  await loaded(page);
  const table = page.getByRole('table', { name: 'Tasks' });
  const options = page.getByRole('button', { name: 'Table options: Tasks' });
  await options.focus();
  await page.keyboard.press('Enter');
  const column = (name: string) => page.getByRole('menuitemcheckbox', { name, exact: true });
  await expect(column('Owner')).toBeFocused();
  await expect(column('Task'), 'the name stays').toHaveCount(0);
  await accessible(page);
  await page.keyboard.press('Enter');
  await expect(column('Owner')).not.toBeChecked();
  await column('Last change').click();
  await page.keyboard.press('Escape');
  await expect(options).toBeFocused();
  const heads = ['Task', 'State', 'Due', 'Last change'];
  await expect(table.getByRole('columnheader')).toHaveText(heads);
  await page.reload();
  await expect(table.getByRole('columnheader')).toHaveText(heads);

  // Seventy tasks, of which the page has loaded fifty.
  await options.click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Export as CSV' }).click()]);
  expect(download.suggestedFilename()).toMatch(/^tasks-\d{4}-\d\d-\d\d\.csv$/);
  const text = readFileSync(await download.path(), 'utf8');
  expect(text.startsWith('\uFEFFTask,State,Due,Last change\r\n')).toBe(true);
  const lines = text.trimEnd().split('\r\n');
  // Outside service hours the request for a person has left one more.
  expect(lines.filter((line) => /Task number \d+|formula/.test(line))).toHaveLength(70);
  expect(text).toContain("'=1+1 is no formula");
  expect(lines[1]).toMatch(/,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  await expect(toast(page).getByText(/^7[01] rows saved$/)).toBeVisible();

  await options.click();
  await page.getByRole('menuitem', { name: 'As it was' }).click();
  await expect(table.getByRole('columnheader')).toHaveText(['Task', 'Owner', 'State', 'Due']);
  await page.close();
});

test('what was pressed shows at once, is taken back by a key, and is as it was where the server refuses', async () => {
  const page = await owner.open('tasks?view=open');
  await loaded(page);
  let hold: () => void = () => undefined;
  const held = new Promise<void>((resolve) => { hold = resolve; });
  await page.route(/\/v1\/tasks\/[^/]+$/, async (route) => { await held; await route.continue(); });
  await page.getByRole('button', { name: 'Mark “Task number 1” as done' }).click();
  await expect(page.getByRole('button', { name: 'Open “Task number 1” again' }), 'before there is an answer').toBeVisible();
  hold();
  await expect(toast(page).getByRole('button', { name: 'Undo' })).toBeVisible();
  await page.keyboard.press('z');
  await expect(page.getByRole('button', { name: 'Mark “Task number 1” as done' })).toBeVisible();
  await expect.poll(async () => JSON.stringify(await owner.call('GET', '/v1/tasks?state=done'))).not.toContain('"Task number 1"');
  await page.keyboard.press('z');
  await expect(toast(page).getByText('There is nothing to undo.')).toBeVisible();

  await page.unroute(/\/v1\/tasks\/[^/]+$/);
  await page.route(/\/v1\/tasks\/[^/]+$/, (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', body: '{"status":409,"code":"task.gone","title":"Gone","detail":"Somebody has deleted it."}' }));
  await page.getByRole('button', { name: 'Mark “Task number 2” as done' }).click();
  await expect(toast(page).getByText('Somebody has deleted it.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Mark “Task number 2” as done' })).toBeVisible();
  await page.close();
});

test('a list in another window follows', async () => {
  const [here, there] = [await owner.open('tasks?view=open'), await (await Member.signIn(browser, parley, credentials)).open('settings/roles')];
  await loaded(here);
  await loaded(there);
  await there.evaluate(() => { (window as unknown as { same: boolean }).same = true; });
  await owner.call('POST', '/v1/tasks', { title: 'Written elsewhere', dueAt: '2026-01-02T09:30:00Z' });
  await expect(here.getByText('Written elsewhere')).toBeVisible({ timeout: 10_000 });
  await owner.call('POST', '/v1/roles', { name: 'Night shift', permissions: ['conversations:read'] });
  await expect(there.getByText('Night shift')).toBeVisible({ timeout: 10_000 });
  expect(await there.evaluate(() => (window as unknown as { same?: boolean }).same), 'without a reload').toBe(true);
  await there.context().close();
  await here.close();
});

test('what was typed is asked about before it is lost, and an untouched form is not', async () => {
  const page = await owner.open('settings/keys');
  await loaded(page);
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  const create = page.getByRole('button', { name: 'Create key' }).first();
  await create.click();
  await expect(page.getByRole('dialog', { name: 'Create an API key' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog'), 'nothing was typed').toHaveCount(0);
  await create.click();
  const form = page.getByRole('dialog', { name: 'Create an API key' });
  await form.getByLabel('Name').fill('For the shop');
  await page.keyboard.press('Escape');
  await expect(question).toBeVisible();
  await accessible(page);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(form.getByLabel('Name')).toHaveValue('For the shop');
  await form.getByRole('button', { name: 'Close' }).click();
  await question.getByRole('button', { name: 'Leave' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);

  // A form of the page: by the navigation, by going back, by a reload.
  await page.goto(`${parley.url}/console/assistant/answers`);
  await loaded(page);
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await expect(page).toHaveURL(/\/tasks/);
  await page.goBack();
  const threshold = page.getByRole('textbox', { name: 'Answer from', exact: true });
  await threshold.fill('0.42');
  await page.getByRole('link', { name: 'Home' }).first().click();
  await expect(question).toBeVisible();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(threshold).toHaveValue('0.42');
  let asked = 0;
  page.on('dialog', async (dialog) => {
    asked++;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
  });
  await page.evaluate(() => location.reload()).catch(() => undefined);
  await expect.poll(() => asked).toBe(1);
  await expect(threshold).toHaveValue('0.42');
  await page.getByRole('link', { name: 'Home' }).first().click();
  await question.getByRole('button', { name: 'Leave' }).click();
  await expect(page).toHaveURL(/\/console\/?$/);
  await page.close();
});

test('a session that ends loses nothing that was typed, and what failed is sent', async () => {
  const member = await Member.signIn(browser, parley, credentials);
  const inbox = await member.open(`inbox/${customer.conversation}?view=queue`);
  await inbox.getByRole('button', { name: 'Accept' }).click();
  const field = inbox.getByRole('textbox', { name: /Reply to/ });
  await expect(field).toBeFocused();
  await field.fill('Typed before the session ended.');
  const keys = await member.open('settings/keys');
  await keys.getByRole('button', { name: 'Create key' }).first().click();
  const form = keys.getByRole('dialog', { name: 'Create an API key' });
  await form.getByLabel('Name').fill('Kept over the sign-in');
  await form.getByRole('checkbox').first().check();

  // From another device this one is signed out, between the press and its arrival.
  const other = await Member.signIn(browser, parley, credentials);
  let ended = false;
  await keys.route(/\/v1\/api-keys$/, async (route) => {
    if (route.request().method() === 'POST' && !ended) {
      ended = true;
      await other.call('POST', '/v1/auth/sessions/end-others');
    }
    await route.continue();
  });
  await form.getByRole('button', { name: 'Create' }).click();
  const again = keys.getByRole('dialog', { name: 'Your session has ended' });
  await expect(again).toBeVisible();
  await accessible(keys);
  await keys.keyboard.press('Escape');
  await expect(again, 'it has to be answered').toBeVisible();
  await again.getByRole('textbox', { name: 'Password' }).fill(credentials.password);
  await again.getByRole('button', { name: 'Sign in' }).click();
  await expect(again).toHaveCount(0);
  await expect(keys.getByRole('dialog').getByText(/pk_/).first(), 'what was asked for before was done').toBeVisible();

  // The other window finds out by itself, or by what it sends, that there is a session again.
  await expect(field).toHaveValue('Typed before the session ended.');
  await inbox.bringToFront();
  await inbox.getByRole('button', { name: 'Send' }).click();
  await expect(inbox.getByRole('log').getByText('Typed before the session ended.')).toBeVisible();
  await expect.poll(() => customer.messages()).toContain('Typed before the session ended.');
  await member.context.close();
});

test('an inbox of hundreds has on the page what is seen, for keys and for screen readers too', async () => {
  owner = await Member.signIn(browser, parley, credentials);
  await fillInbox(parley, owner, 400);
  const page = await owner.open('inbox?view=open');
  const rows = page.locator('li[data-index]');
  const scroller = page.locator('ul:has(> li[data-index])').locator('..');
  await expect(rows.first()).toBeVisible();
  await rows.nth(3).getByRole('link').focus();
  const focused = await page.evaluate(() => document.activeElement?.textContent);
  await expect(async () => {
    await scroller.evaluate((e) => e.scrollTo(0, e.scrollHeight));
    expect(Number(await rows.last().getAttribute('aria-posinset'))).toBeGreaterThan(300);
  }).toPass({ timeout: 30_000 });
  expect(await rows.count(), 'rows on the page').toBeLessThan(60);
  expect(await page.evaluate(() => document.activeElement?.textContent), 'the focus stays where it was').toBe(focused);
  expect(Number(await rows.last().getAttribute('aria-setsize'))).not.toBe(0);
  await accessible(page);

  // Opened from far below, left, and found where it was.
  const at = await scroller.evaluate((e) => { e.scrollTo(0, 12_000); return e.scrollTop; });
  await page.waitForTimeout(300);
  await page.keyboard.press('Escape');
  const inView = rows.filter({ visible: true }).nth(15).getByRole('link');
  await inView.click();
  await expect(page.getByRole('log')).toBeVisible();
  await page.keyboard.press('j');
  await expect(page.locator('li[data-index] a[aria-current]')).toBeInViewport();
  await page.getByRole('link', { name: 'Tasks', exact: true }).first().click();
  await expect(page.getByRole('heading', { name: 'Tasks', level: 1 })).toBeVisible();
  await page.goBack();
  await expect(rows.first()).toBeVisible();
  expect(Math.abs((await scroller.evaluate((e) => e.scrollTop)) - at)).toBeLessThan(900);
  await page.close();
});

test('the help sheet has the keys of the page, and undo', async () => {
  const page = await owner.open('inbox?view=open');
  await page.locator('li[data-index]').first().getByRole('link').click();
  await expect(page.getByRole('log')).toBeVisible();
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const text of ['Undo what was just done', 'Go to Inbox', 'Search', 'Next conversation']) await expect(sheet.getByText(text, { exact: true })).toBeVisible();
  await accessible(page);
  await page.context().close();
});
