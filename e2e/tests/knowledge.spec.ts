// Knowledge that is kept: a website that is previewed, imported, changes, breaks and goes; an article that is written, published
// and taken back. Each step is done in the console and checked by what the assistant answers.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { Instance } from '../support/instance';
import { Member, ownParley } from '../support/people';
import { accessible, picture } from '../support/screens';
import { Website } from '../support/website';

let parley: Instance;
let site: Website;
let owner: Member;
let page: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(300_000);
  site = await Website.start();
  site.pages.set('/robots.txt', 'User-agent: *\nDisallow: /docs/private\n');
  site.put('/docs/', 'Harbour help', `<p>Everything about the marina.</p>${['mooring', 'tides', 'lamps', 'private', 'app', 'draft'].map((p) => `<a href="/docs/${p}">${p}</a>`).join(' ')}<a href="/blog/news">news</a>`);
  site.put('/docs/mooring', 'How much is a berth?', '<p>A berth costs 15 euros a night in the marina.</p>');
  site.put('/docs/tides', 'Tides', '<p>High tide comes every twelve hours and twenty-five minutes.</p>');
  site.put('/docs/lamps', 'Lamps', '<p>Boats longer than seven metres carry a lamp at the masthead.</p>');
  site.put('/docs/private', 'Secret', '<p>Nobody reads this.</p>');
  site.put('/docs/draft', 'Draft', '<p>Not yet.</p>', '<meta name="robots" content="noindex">');
  site.pages.set('/docs/app', '<!doctype html><html><head><title>App</title></head><body><div id="root"></div><script src="/app.js"></script></body></html>');
  ({ parley, owner } = await ownParley(browser, { PARLEY_PRIVATE_HOSTS: site.host }));
  page = await owner.open('knowledge');
});

test.afterAll(async () => {
  await parley?.dispose();
  site?.stop();
});

const ask = (question: string) => owner.call<{ outcome: string; answer: string }>('POST', '/v1/assistant/ask', { question });
const answers = (question: string) => expect.poll(async () => (await ask(question)).answer, { message: question, timeout: 45_000 });

test('a website is previewed: what would come, what would not, and why', async () => {
  await page.getByRole('button', { name: 'Add source' }).first().click();
  await page.getByRole('menuitem', { name: 'Import a website' }).click();
  await page.getByRole('textbox', { name: 'Address' }).fill('not an address');
  await page.getByRole('button', { name: 'Preview', exact: true }).click();
  await expect(page.getByText('Enter a full address')).toBeVisible();
  await page.getByRole('textbox', { name: 'Address' }).fill(`http://${site.host}/docs/`);
  await page.getByRole('button', { name: 'Preview', exact: true }).click();
  await expect(page.getByRole('table').getByText('How much is a berth?')).toBeVisible();
  await expect(page.getByText('A preview reads up to 500 pages')).toBeVisible();
  await page.getByText('Stays out').click();
  await expect(page.getByText('The site\'s robots.txt forbids it.')).toBeVisible();
  await expect(page.getByText('It is not below the start\'s folder.')).toBeVisible();
  await picture(page, 'website-preview');
  await accessible(page);
  await page.getByText('Cannot be read').click();
  await expect(page.getByText(/builds its text with JavaScript/)).toBeVisible();
  await page.getByRole('button', { name: 'Go on', exact: true }).click();
});

test('it is imported, and the assistant answers from its pages', async () => {
  await page.getByLabel('Name of the source').fill('Harbour help');
  await page.getByLabel('Read again').selectOption('24');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Harbour help' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'How much is a berth?' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('Every day')).toBeVisible();
  await answers('How much is a berth in the marina?').toContain('15 euros');
});

test('what changed, what fails and what is gone is on the board', async () => {
  site.put('/docs/mooring', 'How much is a berth?', '<p>A berth costs 20 euros a night in the marina.</p>');
  site.pages.set('/docs/tides', 404);
  site.pages.set('/docs/lamps', 403); // not one of those that are asked again and again
  await page.getByRole('button', { name: 'Run now' }).click();
  await answers('How much is a berth in the marina?').toContain('20 euros');
  await expect.poll(async () => (await ask('How often does high tide come?')).answer).not.toContain('twelve hours');
  await page.getByRole('link', { name: 'Pages', exact: true }).click();
  await page.getByText('Failing', { exact: true }).first().click();
  const pages = page.getByRole('table', { name: 'Pages' });
  await expect(pages.getByText(`http://${site.host}/docs/lamps`)).toBeVisible();
  await picture(page, 'website-pages');
  await page.getByText('Gone', { exact: true }).first().click();
  await expect(pages.getByText(`http://${site.host}/docs/tides`)).toBeVisible();
  // What failed is still answered from: nothing is taken away because a server was ill.
  await answers('Which boats carry a lamp at the masthead?').toContain('seven metres');
  await page.getByRole('link', { name: 'Knowledge' }).first().click();
  const row = page.getByRole('row', { name: /Harbour help/ });
  await expect(row).toContainText(/pages? fails?|Failing/);
  await picture(page, 'knowledge-board');
  await accessible(page);
});

test('it is paused, goes on, and is deleted only by its name', async () => {
  const menu = page.getByRole('button', { name: 'Actions for Harbour help' });
  await menu.click();
  await page.getByRole('menuitem', { name: 'Pause' }).click();
  await expect(page.getByRole('row', { name: /Harbour help/ })).toContainText('Paused');
  await menu.click();
  await page.getByRole('menuitem', { name: 'Resume' }).click();
  await expect(page.getByRole('row', { name: /Harbour help/ })).not.toContainText('Paused');
  await menu.click();
  await page.getByRole('menuitem', { name: 'Delete source' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Delete source' })).toBeDisabled();
  await dialog.getByRole('textbox').fill('Harbour help');
  await dialog.getByRole('button', { name: 'Delete source' }).click();
  await expect(page.getByRole('row', { name: /Harbour help/ })).toHaveCount(0);
  await expect.poll(async () => (await ask('How much is a berth in the marina?')).answer).not.toContain('euros');
});

test('an article is written, previewed, published, changed and taken back', async () => {
  await page.goto(`${parley.url}/console/knowledge/articles`);
  await page.getByRole('link', { name: 'Write an article' }).first().click();
  await page.getByLabel('Title').fill('How do I order a crane?');
  const body = page.getByRole('textbox', { name: 'Text' });
  await body.fill('A crane is ordered at the harbour office ');
  await body.press('End');
  await page.getByRole('button', { name: 'Bold' }).click();
  await page.keyboard.type('two days');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.type(' before.');
  await expect(page.getByRole('region', { name: 'Preview' }).locator('strong')).toHaveText('two days');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page.getByRole('heading', { name: 'How do I order a crane?' })).toBeVisible();
  expect((await ask('How do I order a crane?')).answer).not.toContain('harbour office');
  await page.getByRole('button', { name: 'Publish' }).click();
  await answers('How do I order a crane?').toContain('two days');
  await picture(page, 'article');
  await accessible(page);

  // The draft goes on; what is published stays as it is, and the difference can be read.
  await body.fill('A crane is ordered at the harbour office **three days** before.');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Versions' }).click();
  const versions = page.getByRole('dialog', { name: 'Versions' });
  await expect(versions.locator('ins mark').first()).toHaveText('three');
  await expect(versions.locator('del mark').first()).toHaveText('two');
  await accessible(page);
  await page.keyboard.press('Escape');

  // Leaving asks first; somebody else's save is not overwritten.
  await page.getByRole('link', { name: 'Articles' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  const id = /articles\/([0-9a-f-]{36})/.exec(page.url())![1]!;
  const { texts } = await owner.call<{ texts: { locale: string; revision: number }[] }>('GET', `/v1/knowledge/articles/${id}`);
  await owner.call('PUT', `/v1/knowledge/articles/${id}/texts/${texts[0]!.locale}`, { title: 'How do I order a crane?', body: 'Ask **four days** before.', revision: texts[0]!.revision });
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page.getByText('Somebody saved this text meanwhile.')).toBeVisible();
  await expect(body).toHaveValue(/three days/);
  await page.getByRole('button', { name: 'Load theirs' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Load theirs' }).click();
  await expect(body).toHaveValue(/four days/);

  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Unpublish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Unpublish' }).click();
  await expect.poll(async () => (await ask('How do I order a crane?')).answer).not.toContain('harbour office');
});

test('what contradicts itself is shown side by side, dismissed, and opened again', async () => {
  for (const [title, days] of [['Returns', '14'], ['Questions about returns', '30']] as const) {
    const { id } = await owner.call<{ id: string }>('POST', '/v1/knowledge/articles', { locale: 'en', title, body: `You may return a boat shoe within ${days} days of its delivery to your door.` });
    await owner.call('POST', `/v1/knowledge/articles/${id}/texts/en/publish`);
  }
  await answers('How long may I return a boat shoe?').toContain('days');
  await page.goto(`${parley.url}/console/knowledge/findings`);
  const found = page.getByRole('listitem').filter({ hasText: 'Contradiction' });
  await expect(async () => {
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.reload();
    await expect(found).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await expect(found.locator('mark')).toHaveText(['14', '30']);
  await picture(page, 'findings');
  await accessible(page);
  await found.getByRole('button', { name: 'Dismiss' }).click();
  await expect(found).toHaveCount(0);
  await page.getByRole('main').getByText('Dismissed', { exact: true }).click();
  await found.getByRole('button', { name: 'Open again' }).click();
  await expect(found).toHaveCount(0);
  await page.getByRole('main').getByText('All', { exact: true }).click();
  await expect(found).toBeVisible();
});
