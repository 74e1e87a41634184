// A team gives its assistant models: an account that is tested, three tiers, customers, what happens when a provider or the budget fails, and the bill.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { Instance } from '../support/instance';
import { Models } from '../support/models';
import { Customer, Member, ownParley } from '../support/people';
import { accessible, picture } from '../support/screens';

type Asked = { outcome: string; answer: string; tier: string; cost: number; citations: { title: string }[]; steps: { name: string; data: unknown }[] };

const question = 'How do I embed the widget?';

let models: Models;
let parley: Instance;
let owner: Member;
let page: Page;
let key: string;
let account: string;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(300_000);
  models = await Models.start();
  ({ parley, owner, key } = await ownParley(browser, { PARLEY_PRIVATE_HOSTS: models.host }));
});

test.afterAll(async () => {
  await parley?.dispose();
  models?.stop();
});

const house = (name: string, input: number) => ({ provider: 'openai-compatible', model: name, name, kind: 'chat', capabilities: {}, prices: { input, output: 5 * input }, asOf: '2026-11-21' });
const entries = [house('house-small', 0.1), house('house-small!unsure', 0.1), house('house-medium', 1), house('house-large', 4)];
const seat = (tier: string, model: string, accountId = account) => ({ feature: 'answer', tier, accountId, model });
const choose = (choices: object[], more: object = {}) => owner.call('PUT', '/v1/models/settings', { settings: { choices, models: entries, ...more } });
const ask = () => owner.call<Asked>('POST', '/v1/assistant/ask', { question });

test('an account is made and tested; a wrong address is told before anything is saved', async () => {
  expect((await ask()).tier).toBe('extractive');
  page = await owner.open('settings/models');
  await expect(page.getByText('Parley works without any model')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Add account' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Provider').selectOption('openai-compatible');
  await dialog.getByLabel('Name').fill('House');
  await dialog.getByLabel('Address').fill('http://127.0.0.1:1/v1');
  await dialog.getByRole('button', { name: 'Save account' }).click();
  await expect(dialog.getByText(/PARLEY_PRIVATE_HOSTS/)).toBeVisible();
  await dialog.getByLabel('Address').fill(`${models.url}/openai/v1`);
  await picture(page, 'models-account');
  await dialog.getByRole('button', { name: 'Save account' }).click();
  await expect(dialog).toBeHidden();
  account = (await owner.call<{ items: { id: string; name: string }[] }>('GET', '/v1/models/accounts')).items.find((a) => a.name === 'House')!.id;

  await page.getByRole('button', { name: /Test/ }).first().click();
  await page.getByRole('dialog').getByLabel('Model').fill('house-small');
  await page.getByRole('dialog').getByRole('button', { name: 'Test now' }).click();
  await expect(page.getByRole('dialog').getByText('It works')).toBeVisible();
  await page.keyboard.press('Escape');
});

test('the smallest tier answers first, and a better one where it is unsure, over the same evidence', async () => {
  await choose([seat('small', 'house-small'), seat('medium', 'house-medium'), seat('large', 'house-large')], { strategy: 'attempts' });
  const sure = await ask();
  expect(sure).toMatchObject({ outcome: 'answered', tier: 'small' });
  expect(sure.cost).toBeGreaterThan(0);
  expect(sure.citations.length).toBeGreaterThan(0);

  await choose([seat('small', 'house-small!unsure'), seat('medium', 'house-medium'), seat('large', 'house-large')], { strategy: 'attempts' });
  const escalated = await ask();
  expect(escalated).toMatchObject({ outcome: 'answered', tier: 'medium' });
  expect(JSON.stringify(escalated.steps)).toContain('escalate');

  await page.goto(`${parley.url}/console/assistant/playground`);
  await page.getByRole('textbox', { name: /question/i }).first().fill(question);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Medium model').first()).toBeVisible();
  await picture(page, 'models-playground');
  await accessible(page);
  expect(JSON.parse(parley.run('ask', question, '--json'))).toMatchObject({ outcome: 'answered', tier: 'medium' });
  expect(JSON.parse(parley.run('ask', question, '--models', 'off', '--json'))).toMatchObject({ outcome: 'answered', tier: 'extractive', cost: 0 });
});

test('customers read what a model wrote only when the team has switched it on', async () => {
  const asked = async () => ((await (await fetch(`${models.url}/control/requests`)).json()) as unknown[]).length;
  const before = await asked();
  await (await Customer.start(parley, key)).ask(question);
  expect(await asked()).toBe(before);

  await choose([seat('small', 'house-small'), seat('medium', 'house-medium'), seat('large', 'house-large')], { strategy: 'complexity', forCustomers: true });
  const customer = await Customer.start(parley, key);
  const feed = customer.listen();
  await customer.ask(question);
  expect(await asked()).toBeGreaterThan(before);
  await expect.poll(() => feed.heard()).toContain('event: done');
  expect(feed.heard().indexOf('event: sources')).toBeLessThan(feed.heard().indexOf('event: message'));
  feed.stop();
  const { items } = await owner.call<{ items: { id: string; tier: string }[] }>('GET', `/v1/conversations/${customer.conversation}/turns`);
  expect(items.at(-1)).toMatchObject({ tier: 'small' });
});

test('when a provider fails another account answers; when the budget is used up the sources do, and both are on the trace', async () => {
  const failing = (await owner.call<{ id: string }>('POST', '/v1/models/accounts', { name: 'Failing', provider: 'openai-compatible', baseUrl: `${models.url}/~529/openai/v1`, enabled: true })).id;
  await choose([seat('small', 'house-small', failing), seat('small', 'house-small')]);
  const other = await ask();
  expect(other).toMatchObject({ outcome: 'answered', tier: 'small' });
  expect(JSON.stringify(other.steps)).toContain('failover');

  const { version, settings } = await owner.call<{ version: number; settings: object }>('GET', '/v1/budget');
  await owner.call('PUT', '/v1/budget', { settings: { ...settings, month: 0, day: 0, conversation: 0, endUser: 0, anonymous: 0, hardCap: true }, basedOn: version });
  const kept = await ask();
  expect(kept).toMatchObject({ outcome: 'answered', tier: 'extractive', cost: 0 });
  expect(JSON.stringify(kept.steps)).toContain('tenant_month');
});

test('what it cost stands on the costs page, down to each call', async () => {
  await page.goto(`${parley.url}/console/costs`);
  await expect(page.getByRole('heading', { name: 'Costs', level: 1 })).toBeVisible();
  await expect(page.getByText('house-medium').or(page.getByText('Answers')).first()).toBeVisible();
  await picture(page, 'costs');
  await accessible(page);
  await page.getByRole('link', { name: 'Calls', exact: true }).first().click();
  await expect(page.getByRole('table').getByText('house-medium').first()).toBeVisible();
  await accessible(page);
});
