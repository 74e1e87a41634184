// The whole story of the walking product, as a new user lives it, in a real browser on the published archive.
import { fileURLToPath } from 'node:url';
import { expect, test, type Browser, type BrowserContext, type FrameLocator, type Page } from '@playwright/test';
import { Instance } from '../support/instance';
import { accessible, picture } from '../support/screens';

const docs = fileURLToPath(new URL('../fixtures/docs', import.meta.url));

let parley: Instance;
let team: BrowserContext;
let console_: Page;
let customers: BrowserContext;
let customer: Page;
let widget: FrameLocator;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(600_000);
  parley = await Instance.create();
  await parley.start();
  team = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
  customers = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
  console_ = await team.newPage();
  customer = await customers.newPage();
});

test.afterAll(async () => {
  await parley?.dispose();
});

const answers = (frame: FrameLocator) => frame.locator('article.assistant');
async function ask(question: string): Promise<void> {
  await widget.getByRole('textbox', { name: 'Your message' }).fill(question);
  await widget.getByRole('button', { name: 'Send' }).click();
}

test('the demo answers from the guides before anybody configured anything', async () => {
  await customer.goto(`${parley.url}/demo`);
  await customer.locator('button[aria-haspopup=dialog]').click();
  widget = customer.frameLocator('iframe');
  await expect(answers(widget)).toHaveCount(1); // the greeting
  await ask('How do I embed the widget?');
  await expect(answers(widget).nth(1)).toContainText(/script/i);
  await expect(answers(widget).nth(1).locator('.sources li').first()).toBeVisible();
  await picture(customer, 'widget-answer');
  await accessible(customer);
});

test('the operator signs in with the password that was printed once', async () => {
  const { email, password: once } = parley.credentials;
  await console_.goto(`${parley.url}/console/`);
  await console_.getByLabel('E-mail address').fill(email);
  await console_.getByLabel('Password', { exact: true }).fill(once);
  await picture(console_, 'sign-in');
  await console_.getByRole('button', { name: 'Sign in' }).click();
  await expect(console_.getByRole('heading', { name: /Good to see you/ })).toBeVisible();
  await picture(console_, 'home');
  await accessible(console_);
});

test('a dropped folder becomes knowledge, and what cannot be read is named', async () => {
  await console_.getByRole('link', { name: 'Knowledge' }).click();
  await console_.locator('input[data-kind="folder"]').first().setInputFiles(docs);
  await console_.getByLabel('Name of the source').fill('Tidepool help');
  await expect(console_.getByText('1 file is left out')).toBeVisible(); // the empty one
  await console_.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(console_.getByRole('heading', { name: 'Tidepool help' })).toBeVisible();
  await expect(console_.getByText('4 documents')).toBeVisible();
  await expect(console_.getByText('guides/invite-people.md')).toBeVisible();
  await picture(console_, 'knowledge-imported');
  await console_.goto(`${parley.url}/console/knowledge`);
  await expect(console_.getByRole('link', { name: 'Tidepool help' })).toBeVisible();
  await picture(console_, 'knowledge');
  await accessible(console_);
});

test('the widget answers with the documentation’s own sentences, each with its source', async () => {
  await ask('How long are backups kept?');
  const answer = answers(widget).nth(2);
  await expect(answer).toContainText('Backups are kept for 30 days.');
  await answer.locator('.sources button').first().click();
  await expect(widget.getByRole('heading', { name: 'Backups', level: 2 })).toBeVisible();
  await picture(customer, 'widget-source');
  await widget.getByRole('button', { name: /Back to the conversation/ }).click();
});

test('what the documentation does not cover is said, and a person is offered and accepted', async () => {
  const before = await answers(widget).count();
  await ask('How do I bake sourdough bread?');
  await expect(answers(widget).nth(before)).toContainText('I could not find an answer');
  await expect(widget.locator('.offer')).toBeVisible();
  await expect(answers(widget).nth(before).locator('.sources')).toHaveCount(0);
  await picture(customer, 'widget-abstains');
  await widget.locator('.offer').getByRole('button', { name: 'Talk to a person' }).click();
  await expect(widget.getByText(/has been asked to join|Nobody is there right now/).first()).toBeVisible();
});

test('an agent answers from the inbox while the assistant stays quiet', async () => {
  await console_.getByRole('link', { name: /Inbox/ }).click();
  await console_.getByText('How do I embed the widget?').first().click();
  await picture(console_, 'inbox-queue');
  await console_.getByRole('button', { name: 'Accept' }).first().click();
  await expect(widget.getByText('has joined the conversation')).toBeVisible();
  const before = await answers(widget).count();
  await console_.getByRole('textbox', { name: /Reply to|Write/ }).fill('Hello! Bread is not our trade, but I can help with your project.');
  await console_.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(widget.locator('article.agent')).toContainText('Bread is not our trade');
  await ask('Thanks. How do I invite people?');
  await expect(console_.getByText('Thanks. How do I invite people?').first()).toBeVisible();
  await console_.getByRole('textbox', { name: /Reply to|Write/ }).fill('Open the project and choose People.');
  await console_.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(widget.locator('article.agent').nth(1)).toContainText('choose People');
  expect(await answers(widget).count()).toBe(before);
  await picture(console_, 'inbox-conversation');
  await picture(customer, 'widget-agent');
  await accessible(console_);
  await accessible(customer);
});

test('the agent closes it, the customer rates it, and it counts as resolved by a person', async () => {
  await console_.getByRole('button', { name: 'Close', exact: true }).first().click();
  const dialog = console_.getByRole('dialog');
  await dialog.getByText('Resolved', { exact: true }).first().click();
  await dialog.getByRole('button', { name: /Close/ }).last().click();
  await expect(widget.getByText('This conversation has ended.')).toBeVisible();
  await widget.getByRole('radio', { name: '5 of 5' }).check({ force: true });
  await widget.getByRole('button', { name: 'Submit' }).click();
  await expect(widget.getByText('Thank you for your feedback.')).toBeVisible();
  await console_.getByRole('link', { name: 'Conversations' }).click();
  await expect(console_.getByText('Resolved by a person').first()).toBeVisible();
  await picture(console_, 'conversations');
  await accessible(console_);
});

test('the playground shows retrieval, scores and confidence', async () => {
  await console_.getByRole('link', { name: 'Assistant' }).click();
  await console_.getByRole('textbox').first().fill('Why did my invitation expire?');
  await console_.keyboard.press('Enter');
  await expect(console_.getByText('An invitation expires after seven days').first()).toBeVisible();
  await picture(console_, 'playground');
  await accessible(console_);
});

test('after a restart everything is still there', async () => {
  await parley.stop();
  await parley.start();
  expect(parley.output).not.toMatch(/password:?\s+\S+/i);
  await customer.reload();
  await customer.locator('button[aria-haspopup=dialog]').click();
  await expect(widget.getByText('Bread is not our trade').first()).toBeVisible();
  await console_.goto(`${parley.url}/console/conversations`); // still signed in
  await expect(console_.getByText('Resolved by a person').first()).toBeVisible();
  const answer = JSON.parse(parley.run('ask', 'What does the Harbour plan cost?', '--json')) as { outcome: string; citations: unknown[] };
  expect(answer.outcome).toBe('answered');
  expect(answer.citations.length).toBeGreaterThan(0);
});

test('on a phone, in the dark', async ({ browser }) => {
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true, isMobile: true, storageState: await team.storageState() });
  const page = await phone.newPage();
  for (const [path, name] of [['', 'home'], ['inbox', 'inbox'], ['knowledge', 'knowledge'], ['conversations', 'conversations']] as const) {
    await page.goto(`${parley.url}/console/${path}`);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await picture(page, `phone-dark-${name}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
  }
  await page.goto(`${parley.url}/demo`);
  await page.locator('button[aria-haspopup=dialog]').click();
  await expect(page.frameLocator('iframe').getByRole('textbox', { name: 'Your message' })).toBeVisible();
  await picture(page, 'phone-dark-widget');
  await phone.close();
});
