// What people have to do besides answering: tasks that they promised, work of Parley's own that failed, the rules by which they are called.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { Instance } from '../support/instance';
import { Customer, Member, ownParley } from '../support/people';
import { accessible, picture } from '../support/screens';

let parley: Instance;
let owner: Member;
let customer: Customer;
let page: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(300_000);
  const own = await ownParley(browser);
  ({ parley, owner } = own);
  customer = await Customer.start(parley, own.key);
  await customer.write('Where is my parcel?');
});

test.afterAll(async () => {
  await parley?.dispose();
});

test('a promise is written down beside the conversation, found again, and done', async () => {
  page = await owner.open(`conversations/${customer.conversation}`);
  await page.getByRole('button', { name: 'Add task' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add task' }).click();
  await expect(dialog.getByText('Say what is to do.')).toBeVisible();
  await dialog.getByLabel('What is to do').fill('Ask the carrier where the parcel is');
  await dialog.getByLabel('Due').fill('2026-01-02T09:30');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Add task' }).click();
  await expect(page.getByText('Ask the carrier where the parcel is')).toBeVisible();

  await owner.call('POST', '/v1/tasks', { title: 'Read the new returns policy' });
  await page.getByRole('link', { name: 'Tasks', exact: true }).first().click();
  const table = page.getByRole('table', { name: 'Tasks' });
  const row = table.getByRole('row', { name: /Ask the carrier/ });
  await expect(row).toContainText('Where is my parcel?');
  await expect(row).toContainText('Overdue');
  await expect(table.getByText('Read the new returns policy')).toHaveCount(0); // nobody's
  await page.getByText('All open').click();
  await expect(table.getByText('Read the new returns policy')).toBeVisible();
  await picture(page, 'tasks');
  await accessible(page);

  await table.getByRole('button', { name: 'Read the new returns policy', exact: true }).click();
  await dialog.getByLabel('Owner').selectOption({ index: 1 });
  await dialog.getByLabel('State').selectOption('In progress');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(table.getByRole('row', { name: /returns policy/ })).toContainText('In progress');

  await page.getByText('Overdue', { exact: true }).first().click();
  await expect(table.getByText('Read the new returns policy')).toHaveCount(0);
  await page.getByRole('button', { name: 'Mark “Ask the carrier where the parcel is” as done' }).click();
  await expect(page.getByText('Nothing is overdue')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row).toBeVisible();
  await page.getByRole('button', { name: 'Mark “Ask the carrier where the parcel is” as done' }).click();
  await page.getByRole('main').getByText('Done', { exact: true }).first().click();
  await expect(row).toContainText('Done');
});

test('work that failed for good is shown with its reason, tried again and discarded', async () => {
  const made = (id: string, kind: string, error: string) => ({ id, kind, error, attempts: 5, createdAt: new Date(Date.now() - 7_200_000).toISOString(), deadAt: new Date(Date.now() - 600_000).toISOString() });
  let items = [
    made('0195b7d2-0000-7000-8000-000000000001', 'knowledge.import', 'The store of the files did not answer.'),
    made('0195b7d2-0000-7000-8000-000000000002', 'knowledge.review', `The comparison was stopped: ${'it took longer than its time. '.repeat(8)}`),
  ];
  const asked: string[] = [];
  // The server's side is proven with real jobs elsewhere; here it is the page that is looked at.
  await page.route('**/v1/jobs/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (route.request().method() === 'GET') return route.fulfill({ json: { items, next: null } });
    asked.push(`${route.request().method()} ${pathname}`);
    items = items.filter((x) => !pathname.includes(x.id));
    return route.fulfill({ status: 204 });
  });
  await page.goto(`${parley.url}/console/settings/jobs`);
  const table = page.getByRole('table', { name: 'Failed work' });
  await expect(table.getByRole('row', { name: /Import documents/ })).toContainText('The store of the files did not answer.');
  await picture(page, 'failed-work');
  await accessible(page);
  await table.getByRole('row', { name: /Import documents/ }).getByRole('button', { name: 'Try again' }).click();
  await expect(table.getByRole('row', { name: /Import documents/ })).toHaveCount(0);
  await table.getByRole('button', { name: /^Discard/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  expect(asked).toHaveLength(1);
  await table.getByRole('button', { name: /^Discard/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByText('Nothing has failed')).toBeVisible();
  expect(asked).toEqual(['POST /v1/jobs/0195b7d2-0000-7000-8000-000000000001/retry', 'DELETE /v1/jobs/0195b7d2-0000-7000-8000-000000000002']);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('when a person is called is set here, and what is wrong is said beside its field', async () => {
  await page.goto(`${parley.url}/console/assistant/handover`);
  await page.getByLabel('Take it back from a silent agent after').fill('0');
  await page.getByRole('button', { name: 'Save' }).last().click();
  await expect(page.getByText('Enter a whole number from 1 to 1,440.')).toBeVisible();
  await page.getByLabel('Take it back from a silent agent after').fill('');
  await page.getByLabel('Legal calls a person at once').check();
  await page.getByLabel('Your own words for Legal').fill('lawyer, attorney*, ');
  await page.getByLabel('Look for Outage').uncheck();
  await page.getByRole('button', { name: 'Save' }).last().click();
  await expect(page.getByText('Saved. It holds from the next message on.').first()).toBeVisible();
  await page.getByLabel('Monday, until').fill('8:00');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByText('Write times as 09:00')).toBeVisible();
  await page.getByLabel('Monday, until').fill('24:00');
  await page.getByRole('button', { name: 'Remove Sunday 09:00' }).click();
  await page.getByLabel('Holidays').fill('2026-12-25');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect.poll(async () => (await owner.call<{ serviceHours: { holidays: string[] } }>('GET', '/v1/escalations/settings')).serviceHours.holidays).toEqual(['2026-12-25']);
  const { rules, serviceHours } = await owner.call<{ rules: { agentSilenceMinutes: number | null; failedAttempts: number; topics: Record<string, object> }; serviceHours: { open: { day: string; to: string }[] } }>('GET', '/v1/escalations/settings');
  expect(rules).toMatchObject({ agentSilenceMinutes: null, failedAttempts: 3, topics: { legal: { immediate: true, words: ['lawyer', 'attorney*'] } } });
  expect(Object.keys(rules.topics)).not.toContain('outage');
  expect(serviceHours.open.map((o) => `${o.day} ${o.to}`)).toEqual(['monday 24:00', ...['tuesday', 'wednesday', 'thursday', 'friday', 'saturday'].map((d) => `${d} 18:00`)]);
  await page.getByRole('heading', { name: 'Assistant' }).scrollIntoViewIfNeeded();
  await picture(page, 'handover-rules');
  await accessible(page);

  await page.getByRole('link', { name: 'Answers', exact: true }).click();
  await page.getByLabel('Answer from').fill('7');
  await page.getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText('Enter a number from 0 to 1')).toBeVisible();
  await page.getByLabel('Answer from').fill('0.5');
  await page.getByRole('button', { name: 'Publish' }).click();
  await expect.poll(async () => (await owner.call<{ items: { publishedVersion: number | null }[] }>('GET', '/v1/assistants')).items[0]!.publishedVersion).toBe(1);
  await accessible(page);
});

test('a change is compared on golden questions before it goes live, and taken back', async () => {
  const ask = async () => (await owner.call<{ outcome: string }>('POST', '/v1/assistant/ask', { question: 'How do I embed the widget?' })).outcome;
  const dialog = page.getByRole('dialog').last();
  await page.goto(`${parley.url}/console/quality`);
  await page.getByRole('button', { name: 'Add question' }).first().click();
  await dialog.getByLabel('Question').fill('How do I embed the widget?');
  await dialog.getByRole('combobox', { name: 'Article' }).fill('embed the');
  await expect(dialog.getByRole('option', { name: 'Embed the widget' })).toBeVisible();
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Add question' }).click();
  await expect(page.getByText('Cites “Embed the widget”')).toBeVisible();

  await page.getByRole('button', { name: 'Import' }).click();
  await dialog.getByLabel('Questions').fill('question,expectedOutcome,expectedDocument\nWho won the match?,abstained,\nWhere do I dock?,,Nowhere');
  await dialog.getByRole('button', { name: 'Check' }).click();
  await expect(dialog.getByRole('row', { name: /Where do I dock/ })).toContainText('There is no document with this title.');
  await expect(dialog.getByRole('button', { name: 'Import 2 questions' })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Mend the list' }).click();
  await dialog.getByLabel('Questions').fill('question,expectedOutcome\nWho won the match?,abstained');
  await dialog.getByRole('button', { name: 'Check' }).click();
  await dialog.getByRole('button', { name: 'Import 1 question' }).click();
  await expect(page.getByRole('table', { name: 'Golden questions' }).getByRole('row')).toHaveCount(3);
  await picture(page, 'golden-questions');

  await page.goto(`${parley.url}/console/assistant/answers`);
  await page.getByLabel('Answer from').fill('1');
  await page.getByRole('button', { name: 'Publish' }).click();
  await expect(dialog.getByText('It has not been compared yet')).toBeVisible();
  expect(await ask()).toBe('answered');
  await dialog.getByRole('button', { name: 'Compare first' }).click();
  await expect(dialog.getByText('0 questions became right, 1 question became wrong.')).toBeVisible();
  await accessible(page);
  await picture(page, 'publish-compared');
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByText('Version 2 is in force from the next message on')).toBeVisible();
  expect(await ask()).toBe('abstained');

  await page.goto(`${parley.url}/console/quality/runs`);
  await page.getByRole('link', { name: 'Version 2 against version 1' }).click();
  await page.getByRole('button', { name: 'Became wrong 1' }).click();
  await picture(page, 'comparison');
  await page.getByRole('link', { name: 'How do I embed the widget?' }).click();
  await expect(page.getByRole('heading', { name: 'After: Version 2' })).toBeVisible();
  await expect(page.locator('mark').first()).toBeVisible();
  await picture(page, 'compared-question');

  await page.goto(`${parley.url}/console/assistant/answers`);
  await page.getByRole('button', { name: 'Versions' }).click();
  await dialog.getByRole('button', { name: /^Version 1/ }).click();
  await dialog.getByRole('button', { name: 'Roll back to this version' }).click();
  await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
  await expect(page.getByText('Version 1 is in force from the next message on')).toBeVisible();
  expect(await ask()).toBe('answered');
});

test('somebody who may only look sees it and changes nothing', async ({ browser }) => {
  const made = await owner.call<{ temporaryPassword: string }>('POST', '/v1/members', { email: 'viewer@parley.local', name: 'Viewer', role: 'viewer' });
  const viewer = await Member.signIn(browser, parley, { email: 'viewer@parley.local', password: made.temporaryPassword });
  await viewer.call('POST', '/v1/auth/password', { current: made.temporaryPassword, next: 'lantern pebble orchard nine' });
  const view = await viewer.open('tasks?view=done');
  await expect(view.getByText('Ask the carrier where the parcel is')).toBeVisible();
  await expect(view.getByRole('button', { name: /Add task|as done|again/ })).toHaveCount(0);
  await view.goto(`${parley.url}/console/assistant/handover`);
  await expect(view.getByText('Your role can read these settings, not change them.').first()).toBeVisible();
  await expect(view.getByLabel('Remind agents after')).toBeDisabled();
  await view.goto(`${parley.url}/console/settings/jobs`);
  await expect(view.getByText('Your role does not include this')).toBeVisible();
  await viewer.context.close();
});
