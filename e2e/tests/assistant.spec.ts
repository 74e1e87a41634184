// Who the assistant is to customers, from the first change to the way back: draft, try, golden run, publish, roll back.
import { Buffer } from 'node:buffer';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { Instance } from '../support/instance';
import { Member, ownParley } from '../support/people';
import { accessible, picture } from '../support/screens';

let parley: Instance;
let owner: Member;
let page: Page;
let key: string;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(300_000);
  ({ parley, owner, key } = await ownParley(browser));
});

test.afterAll(async () => {
  await parley?.dispose();
});

const config = (locale: string) => fetch(`${parley.url}/v1/widget/config?key=${key}&locale=${locale}`).then((r) => r.json() as Promise<{ greeting: string; assistantName: string; suggestedQuestions: string[]; avatar: { url: string | null } }>);
const abstention = async () => (await owner.call<{ answer: string }>('POST', '/v1/assistant/ask', { question: 'Who won the match?' })).answer;

// A square of one colour: 64 × 64 pixels.
const red = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAT0lEQVR42u3PQQkAAAgEsItz/VMYywi+hcEKLNO+FgEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQGBywLvDoEAVSaz4wAAAABJRU5ErkJggg==', 'base64');

test('a name, a picture, a tone and first words are made ready as a draft, and customers notice nothing', async () => {
  page = await owner.open('assistant/profile');
  await expect(page.getByRole('radio', { name: /^Professional/ })).toBeChecked();
  const preview = page.getByRole('region', { name: 'What customers read' });
  await expect(preview).toContainText('I could not find an answer to that in our documentation.');
  await page.getByRole('radio', { name: /^Friendly/ }).check();
  await preview.getByLabel('Language of the preview').selectOption('de');
  await expect(preview).toContainText('Möchtest du mit jemandem aus unserem Team sprechen?');
  await page.getByLabel('Name', { exact: true }).fill('Ada');
  await page.getByLabel('Initials').fill('ABC');
  await page.getByRole('button', { name: 'Save as draft' }).click();
  await expect(page.getByText('Enter one or two letters, or none.')).toBeVisible();
  await page.getByLabel('Initials').fill('');

  await page.locator('input[type=file]').setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await expect(page.getByText('Your browser cannot read this file as a picture.')).toBeVisible();
  await page.locator('input[type=file]').setInputFiles({ name: 'ada.png', mimeType: 'image/png', buffer: red });
  await expect(page.getByRole('button', { name: 'Remove the picture' })).toBeVisible();
  await expect.poll(() => preview.locator('img').first().evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(256);

  await page.getByLabel('Suggested questions').fill(['1', '2', '3', '4', '5', '6', '7'].join('\n'));
  await page.getByRole('button', { name: 'Save as draft' }).click();
  await expect(page.getByText('At most six questions of at most 150 characters each.')).toBeVisible();
  await page.getByLabel('Suggested questions').fill('How do I embed the widget?');
  await accessible(page);
  await picture(page, 'assistant-profile');

  // Nothing that was typed is lost unasked.
  await page.getByRole('link', { name: 'Answers', exact: true }).click();
  await expect(page.getByRole('dialog').getByText('What you changed here is not saved and would be lost.')).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Ada');

  await page.getByLabel('What this version is about').fill('A friendlier voice');
  await page.getByRole('button', { name: 'Save as draft' }).click();
  await expect(page.getByText('You are editing version 1, which is not in force.')).toBeVisible();
  expect(await config('de')).toMatchObject({ assistantName: 'Assistant', suggestedQuestions: [], avatar: { url: null } });
  expect(await abstention()).toContain('I could not find an answer');
});

test('the draft answers beside the version in force, and what differs is named', async () => {
  await page.goto(`${parley.url}/console/assistant/playground`);
  await page.getByLabel('Which version answers').selectOption({ label: 'Beside it: version 1' });
  await page.getByRole('textbox', { name: 'Question' }).fill('Who won the match?');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'What differs' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'In force: as shipped' })).toContainText('I could not find an answer');
  await expect(page.getByRole('region', { name: 'Version 1' })).toContainText("Sorry, I couldn't find an answer");
  await accessible(page);
  await picture(page, 'playground-pair');
  // The address leads back to both answers.
  const address = page.url();
  expect(address).toContain('version=1');
  await page.goto('about:blank');
  await page.goto(address);
  await expect(page.getByRole('region', { name: 'Version 1' })).toContainText("Sorry, I couldn't find an answer");
});

test('the draft is compared on golden questions, published, seen by a customer, and rolled back', async ({ browser }) => {
  await owner.call('POST', '/v1/quality/golden-questions', { question: 'How do I embed the widget?', expectedDocument: 'Embed the widget' });
  await owner.call('POST', '/v1/quality/golden-questions', { question: 'Who won the match?', expectedOutcome: 'abstained' });
  const dialog = page.getByRole('dialog').last();
  await page.goto(`${parley.url}/console/assistant/profile?version=1`);
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(dialog.getByText('It has not been compared yet')).toBeVisible();
  await dialog.getByRole('button', { name: 'Compare first' }).click();
  await expect(dialog.getByText('Nothing changes on your golden questions')).toBeVisible();
  await expect(dialog.getByText('Tone: Friendly')).toBeVisible();
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByText('Version 1 is in force from the next message on')).toBeVisible();

  expect(await config('de')).toMatchObject({ assistantName: 'Ada', suggestedQuestions: ['How do I embed the widget?'] });
  expect((await config('de')).greeting).toContain('Stell mir eine Frage');
  const context = await browser.newContext({ locale: 'en-GB' });
  const customer = await context.newPage();
  await customer.goto(`${parley.url}/widget/v1/frame?key=${key}`);
  await expect(customer.locator('header img.face')).toBeVisible();
  await expect(customer.getByText('Hi! Ask me a question')).toBeVisible();
  await customer.getByRole('textbox', { name: 'Your message' }).fill('Who won the match?');
  await customer.keyboard.press('Enter');
  await expect(customer.getByText("Sorry, I couldn't find an answer to that in our documentation.")).toBeVisible();
  await accessible(customer);
  await picture(customer, 'widget-profile');
  await context.close();

  // Another comparison, of another version, and what moved between the two.
  await page.goto(`${parley.url}/console/assistant/answers`);
  await page.getByLabel('Answer from').fill('1');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialog.getByRole('button', { name: 'Compare first' }).click();
  await expect(dialog.getByText('0 questions became right, 1 question became wrong.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.goto(`${parley.url}/console/quality/runs`);
  await page.getByRole('link', { name: 'Between two comparisons' }).click();
  await expect(page.getByText('0 questions became right, 1 question became wrong, 1 question stayed as before.')).toBeVisible();
  await page.getByRole('button', { name: 'Became wrong 1' }).click();
  await expect(page.getByRole('table').getByText('How do I embed the widget?')).toBeVisible();
  await expect(page.getByRole('table').getByText('Who won the match?')).toHaveCount(0);
  await accessible(page);
  await picture(page, 'two-comparisons');

  await page.goto(`${parley.url}/console/assistant/profile`);
  await page.getByRole('button', { name: 'Versions' }).click();
  await expect(dialog.getByText('Version 1: A friendlier voice')).toBeVisible();
  await dialog.getByRole('button', { name: /^As shipped/ }).click();
  await dialog.getByRole('button', { name: 'Roll back to this version' }).click();
  await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
  await expect(page.getByText('As shipped is in force from the next message on')).toBeVisible();
  expect(await config('de')).toMatchObject({ assistantName: 'Assistant', avatar: { url: null } });
  expect(await abstention()).toContain('I could not find an answer');
});
