// Finding what somebody said, seeing how it was answered, and putting conversations in order.
import { readFile } from 'node:fs/promises';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { Instance } from '../support/instance';
import { Customer, Member, ownParley } from '../support/people';
import { accessible, picture } from '../support/screens';

let parley: Instance;
let owner: Member;
let page: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(300_000);
  const own = await ownParley(browser);
  ({ parley, owner } = own);
  await (await Customer.start(parley, own.key)).ask('How do I embed the widget?');
  await (await Customer.start(parley, own.key)).write('Where is the parcel with my kettle?');
  await (await Customer.start(parley, own.key)).write('如何申请退款？');
});

test.afterAll(async () => {
  await parley?.dispose();
});

test('what is typed finds the message, the message leads to the transcript, and the answer to how it was made', async () => {
  page = await owner.open('conversations');
  const table = page.getByRole('table', { name: 'Conversations' });
  const search = page.getByRole('searchbox', { name: 'Search in conversations' });
  await search.pressSequentially('退款');
  await expect(table.locator('mark')).toHaveText('退款');
  await search.fill('ket');
  await expect(table.locator('mark')).toHaveText('kettle');
  await search.fill('zanzibar');
  await expect(page.getByText('Nothing was said in these words')).toBeVisible();
  await search.fill('embed wid');
  const match = table.getByTitle('Open the message').first();
  await expect(match.locator('mark').first()).toBeVisible();
  await expect(page).toHaveURL(/q=embed\+wid/);
  await picture(page, 'conversations-search');
  await accessible(page);

  await match.click();
  await expect(page).toHaveURL(/message=/);
  await expect(page.locator('article[data-highlighted]')).toBeInViewport();
  await page.getByRole('button', { name: 'Show how this answer was made' }).last().click();
  const trace = page.getByRole('dialog');
  await expect(trace.getByRole('heading', { name: 'Steps' })).toBeVisible();
  await expect(trace.getByRole('listitem').first()).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');

  // One click keeps the question with the article that answered it.
  await page.getByRole('button', { name: 'Add to golden questions' }).first().click();
  await expect(page.getByText('Added to the golden questions')).toBeVisible();
  const { items } = await owner.call<{ items: { question: string; expectedDocumentTitle: string; sourceConversationId: string }[] }>('GET', '/v1/quality/golden-questions');
  expect(items).toMatchObject([{ question: 'How do I embed the widget?', expectedDocumentTitle: 'Embed the widget', sourceConversationId: new URL(page.url()).pathname.split('/').at(-1) }]);
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  const form = page.getByRole('dialog');
  await expect(form.getByRole('textbox', { name: 'Question', exact: true })).toHaveValue('How do I embed the widget?');
  await page.keyboard.press('Escape');
});

test('tags are made, given and filtered by, and filters are kept as a view', async () => {
  page = await owner.open('conversations');
  await page.getByRole('button', { name: 'Manage tags' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create tag' }).click();
  await expect(dialog.getByText('Give the tag a name.')).toBeVisible();
  await dialog.getByLabel('Name of the tag').fill('Shipping');
  await dialog.getByLabel('Colour').selectOption('Orange');
  await dialog.getByRole('button', { name: 'Create tag' }).click();
  await expect(dialog.getByText('0 conversations')).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');

  await page.getByRole('checkbox', { name: /Where is the parcel/ }).check();
  await page.getByRole('button', { name: 'Tag', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Shipping' }).click();
  const table = page.getByRole('table', { name: 'Conversations' });
  await expect(table.getByRole('row', { name: /Where is the parcel/ })).toContainText('Shipping');

  await page.getByRole('button', { name: 'More filters' }).click();
  await page.getByLabel('Tag', { exact: true }).selectOption('Shipping');
  await expect(table.getByRole('row')).toHaveCount(2);
  await page.getByRole('button', { name: 'Views: Unsaved filters' }).click();
  await page.getByRole('menuitem', { name: 'Save as a view' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('Parcels');
  await dialog.getByLabel('The list opens with it').check();
  await dialog.getByRole('button', { name: 'Save view' }).click();
  await expect(page.getByRole('button', { name: 'Views: Parcels' })).toBeVisible();
  await picture(page, 'conversations-view');
  await accessible(page);

  page = await owner.open('conversations'); // opens with the view
  await expect(page).toHaveURL(/tagId=/);
  await expect(page.getByRole('table', { name: 'Conversations' }).getByRole('row')).toHaveCount(2);
});

test('what is done with many names what could not be done, and the export holds what the list shows', async () => {
  page = await owner.open('conversations?status=open');
  const table = page.getByRole('table', { name: 'Conversations' });
  await expect(table.getByRole('checkbox', { name: /embed the widget/ })).toBeVisible(); // the list has come
  for (const box of await table.getByRole('checkbox').all()) await box.check();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Close as not solved' }).click();
  await expect(page.getByText('No conversation matches')).toBeVisible();

  page = await owner.open('conversations?status=closed');
  await page.getByRole('checkbox', { name: /Where is the parcel/ }).check();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Close as solved' }).click();
  await expect(page.getByRole('alert')).toContainText('This conversation is closed.');
  await accessible(page);
  await page.getByRole('button', { name: 'Reopen' }).click();
  await expect(page.getByRole('row', { name: /Where is the parcel/ })).toHaveCount(0);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: 'Table (CSV)' }).click();
  const text = await readFile(await (await download).path(), 'utf8');
  expect(text).toContain('embed the widget');
  expect(text).not.toContain('parcel');
});
