// What is kept, taken along and deleted for good: retention, an archive, a customer, a brand that visitors see, and the end of a workspace.
import { readFileSync } from 'node:fs';
import { expect, test, type Browser } from '@playwright/test';
import { Instance } from '../support/instance';
import { Customer, Member, ownParley } from '../support/people';
import { accessible, picture } from '../support/screens';

let parley: Instance;
let owner: Member;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(300_000);
  ({ parley, owner } = await ownParley(browser));
});

test.afterAll(async () => parley?.dispose());

const publicKey = async (): Promise<string> => (await owner.call<{ items: { publicKey: string }[] }>('GET', '/v1/widgets')).items[0]!.publicKey;

test('how long conversations are kept is set, looked at and refused where it is no number', async () => {
  const page = await owner.open('settings/privacy');
  await page.getByLabel('Conversations', { exact: true }).fill('soon');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Enter a whole number of days, or nothing.')).toBeVisible();
  await page.getByLabel('Conversations', { exact: true }).fill('90');
  await page.getByLabel('Details of the audit log').fill('30');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Give 365 to 3650 days, or leave it empty to keep everything.')).toBeVisible();
  await page.getByLabel('Details of the audit log').fill('');
  await page.getByRole('button', { name: 'What would go now?' }).click();
  await expect(page.getByText('0 conversations, 0 visitors without one')).toBeVisible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. It is applied every night.')).toBeVisible();
  await accessible(page);
});

test('an archive is made, followed and fetched', async () => {
  const page = await owner.open('settings/privacy');
  await page.getByRole('button', { name: 'Start export' }).click();
  await expect(page.getByText('Ready', { exact: true })).toBeVisible({ timeout: 60_000 });
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
  expect(download.suggestedFilename()).toMatch(/^parley-workspace-.*\.zip$/);
  expect(readFileSync(await download.path()).subarray(0, 2).toString()).toBe('PK');
  await picture(page, 'privacy');
});

test('a customer is deleted for good from a conversation', async () => {
  const customer = await Customer.start(parley, await publicKey());
  await customer.ask('My number is 4711, forget it later');
  const page = await owner.open(`conversations/${customer.conversation}`);
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByRole('menuitem', { name: 'Delete this customer' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('1 conversation with all messages')).toBeVisible();
  await dialog.getByLabel('Type “erase” to confirm').fill('yes');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(dialog.getByText('Type erase.')).toBeVisible();
  await accessible(page);
  await dialog.getByLabel('Type “erase” to confirm').fill('erase');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByText('Deleted for good', { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/conversations$/);
  expect((await owner.call<{ items: unknown[] }>('GET', '/v1/conversations/search?q=4711')).items).toHaveLength(0);
});

test('a brand gives the widget its name, colour and links', async ({ browser }) => {
  const page = await owner.open('settings/brands');
  await page.getByRole('button', { name: /^Change / }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Brand name').fill('Nordbahn');
  await dialog.getByLabel('Brand colour').first().fill('#aa3300');
  await dialog.getByLabel('Privacy notice').fill('javascript:alert(1)');
  await dialog.getByRole('button', { name: 'Save brand' }).click();
  await expect(dialog.getByText('Must be an address that begins with https://')).toBeVisible();
  await dialog.getByLabel('Privacy notice').fill('https://example.com/privacy');
  await dialog.getByLabel('Terms of use').fill('');
  await dialog.locator('input[type=file]').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64') });
  await accessible(page);
  await dialog.getByRole('button', { name: 'Save brand' }).click();
  await expect(page.getByText('Brand saved')).toBeVisible();
  await expect(page.getByText('Nordbahn')).toBeVisible();
  await picture(page, 'brands');
  const visitor = await (await browser.newContext()).newPage();
  await visitor.goto(`${parley.url}/widget/v1/frame?key=${await publicKey()}`);
  const config = await (await visitor.request.get(`${parley.url}/v1/widget/config?key=${await publicKey()}`)).json() as { title: string; color: string; brand: { logo: string } };
  expect([config.title, config.color]).toEqual(['Nordbahn', '#aa3300']);
  expect((await visitor.request.get(parley.url + config.brand.logo)).headers()['content-type']).toBe('image/png');
  await visitor.context().close();
});

test('the workspace ends with its name and the password, and everybody is signed out', async () => {
  const page = await owner.open('settings/privacy');
  await page.getByRole('button', { name: 'Delete this workspace' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Type “/).fill('Another');
  await dialog.getByLabel('Your password', { exact: true }).fill(parley.credentials.password);
  await dialog.getByRole('button', { name: 'Delete this workspace' }).click();
  await expect(dialog.getByText("This is not the workspace's name.")).toBeVisible();
  await dialog.getByLabel(/^Type “/).fill('Parley demo');
  await dialog.getByRole('button', { name: 'Delete this workspace' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});
