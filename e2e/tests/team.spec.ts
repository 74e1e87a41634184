// What people of a team do with conversations, and who may do it: each against the published archive, and each seen from both sides.
import { createHmac } from 'node:crypto';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { Instance } from '../support/instance';
import { Customer, Member, ownParley } from '../support/people';

let parley: Instance;
let owner: Member;
let key: string;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(300_000);
  ({ parley, owner, key } = await ownParley(browser));
});

test.afterAll(async () => {
  await parley?.dispose();
});

const reply = async (page: Page, text: string): Promise<void> => {
  await page.getByRole('textbox', { name: /Reply to/ }).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByRole('log').getByText(text)).toBeVisible();
};

test('an agent takes over what the assistant was answering, and hands it back; the assistant answers again', async () => {
  const customer = await Customer.start(parley, key);
  await customer.ask('How do I embed the widget?');
  const page = await owner.open(`inbox/${customer.conversation}?view=open`);
  await page.getByRole('button', { name: 'Take over' }).click();
  await expect(page.getByRole('button', { name: 'Hand back' })).toBeVisible();

  // Quiet while the agent has it: the question stands alone.
  const answers = (await customer.messages()).split('"authorKind":"assistant"').length;
  await customer.write('How do I import documentation?');
  await expect(page.getByRole('log').getByText('How do I import documentation?')).toBeVisible();
  await reply(page, 'One moment, I am looking.');
  expect((await customer.messages()).split('"authorKind":"assistant"').length).toBe(answers);

  await page.getByRole('button', { name: 'Hand back' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Note for your colleagues').fill('Asked about imports; nothing else open.');
  await dialog.getByRole('button', { name: 'Hand back' }).click();
  await expect(page.getByText('The assistant is handling this conversation.')).toBeVisible();
  await customer.ask('What roles are there?');
  await expect(page.getByRole('log').getByRole('article', { name: 'Assistant' }).last()).toContainText(/role/i);
  await page.close();
});

test('a note stays in the team: not one byte of it reaches the customer', async () => {
  const customer = await Customer.start(parley, key);
  await customer.ask('How do I embed the widget?');
  await customer.askForPerson();
  const feed = customer.listen();
  const page = await owner.open(`inbox/${customer.conversation}?view=queue`);
  await page.getByRole('button', { name: 'Accept' }).click();
  await expect.poll(feed.heard).toContain('"accepted"');
  await page.getByText('Note', { exact: true }).first().click();
  await page.getByRole('textbox', { name: 'Add a note' }).fill('zanzibar-canary: this customer is on the old plan');
  await page.getByRole('button', { name: 'Add note' }).click();
  await expect(page.getByRole('log').getByText('zanzibar-canary')).toBeVisible();
  await page.getByText('Reply', { exact: true }).first().click();
  await reply(page, 'Hello, this is after the note.');
  await expect.poll(feed.heard).toContain('this is after the note');
  feed.stop();
  expect(feed.heard()).not.toContain('zanzibar');
  expect(await customer.messages()).not.toContain('zanzibar');
  await page.close();
});

test('a new member chooses a password and sees the pages of the role, no more', async ({ browser }) => {
  const page = await owner.open('settings/members');
  const add = async (name: string, role: string): Promise<string> => {
    await page.getByRole('button', { name: 'Add member' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('E-mail address').fill(`${role}@example.com`);
    await dialog.getByLabel('Role').selectOption(role);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    const once = await dialog.locator('code').textContent();
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    await expect(page.getByText(`${role}@example.com`)).toBeVisible();
    return once!;
  };
  const once = await add('Vik Rao', 'viewer');
  await page.close();

  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const viewer = await context.newPage();
  await viewer.goto(`${parley.url}/console/`);
  await viewer.getByLabel('E-mail address').fill('viewer@example.com');
  await viewer.getByLabel('Password', { exact: true }).fill(once);
  await viewer.getByRole('button', { name: 'Sign in' }).click();
  await viewer.getByLabel('One-time password').fill(once);
  await viewer.getByLabel('New password', { exact: true }).fill('three quiet harbours');
  await viewer.getByLabel('New password again').fill('three quiet harbours');
  await viewer.getByRole('button', { name: 'Save password' }).click();
  await expect(viewer.getByRole('heading', { name: 'Good to see you, Vik' })).toBeVisible();

  // A viewer looks, and finds nothing that acts.
  const customer = await Customer.start(parley, key);
  await customer.ask('How do I embed the widget?');
  await customer.askForPerson();
  await viewer.goto(`${parley.url}/console/inbox/${customer.conversation}?view=queue`);
  await expect(viewer.getByRole('log').getByText('How do I embed the widget?')).toBeVisible();
  for (const act of ['Accept', 'Take over', 'Close', 'Hand back', 'Add a note']) await expect(viewer.getByRole('button', { name: act, exact: true })).toHaveCount(0);
  await expect(viewer.getByText('Your role can read conversations, not answer them.')).toBeVisible();
  await viewer.goto(`${parley.url}/console/knowledge`);
  await expect(viewer.getByRole('link', { name: 'Parley guides' })).toBeVisible();
  await expect(viewer.getByRole('button', { name: 'Add source' })).toHaveCount(0);
  await viewer.goto(`${parley.url}/console/settings/keys`);
  await expect(viewer.getByText('Your role does not include this')).toBeVisible();
  // And the server says the same, whatever a page shows.
  const refused = await context.request.post(`${parley.url}/v1/conversations/${customer.conversation}/messages`, { data: { text: 'hello', visibility: 'public' }, headers: { 'X-Parley-Csrf': '1', 'Idempotency-Key': 'v1' } });
  expect(refused.status()).toBe(403);
  expect(await customer.messages()).not.toContain('"hello"');
  await context.close();
});

test('an invitation is a link that asks for the sign-in first, and works for nobody else', async ({ browser }) => {
  const page = await owner.open('settings/members');
  await page.getByRole('button', { name: 'Add member' }).click();
  // The address has an account already; in this workspace, so the console says so instead of inviting.
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Vik Rao');
  await dialog.getByLabel('E-mail address').fill('viewer@example.com');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByText(/already/)).toBeVisible();
  await page.close();

  const invited = await owner.call<{ code: string }>('POST', '/v1/invitations', { email: 'somebody.else@example.com', role: 'agent' });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const viewer = await context.newPage();
  await viewer.goto(`${parley.url}/console/#join=${invited.code}`);
  await viewer.getByLabel('E-mail address').fill('viewer@example.com');
  await viewer.getByLabel('Password', { exact: true }).fill('three quiet harbours');
  await viewer.getByRole('button', { name: 'Sign in' }).click();
  await expect(viewer.getByLabel('Invitation')).toHaveValue(invited.code);
  await viewer.getByRole('button', { name: 'Join' }).click();
  await expect(viewer.getByRole('dialog').getByText(/for another account/)).toBeVisible();
  await context.close();
});

test('a forgotten password is replaced by its owner', async ({ browser }) => {
  const page = await owner.open('settings/members');
  await page.getByRole('button', { name: 'Actions for Vik Rao' }).click();
  await page.getByRole('menuitem', { name: 'New one-time password' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'New one-time password' }).click();
  const once = await page.getByRole('dialog').locator('code').textContent();
  await page.close();
  const context = await browser.newContext();
  const attempt = (password: string) => context.request.post(`${parley.url}/v1/auth/sign-in`, { data: { email: 'viewer@example.com', password } });
  expect((await attempt('three quiet harbours')).status()).toBe(401);
  expect((await attempt(once!)).status()).toBe(200);
  await context.close();
});

/** What an authenticator app shows: RFC 6238. */
function codeOf(secret: string, at = Date.now()): string {
  const bits = [...secret.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac('sha1', key).update(step).digest();
  return String((hash.readUInt32BE(hash[19]! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

test('who is invited by a link sets up the second factor that the role requires, and may do what the role says, no more', async ({ browser }) => {
  const page = await owner.open('settings/roles');
  await page.getByRole('button', { name: 'Create role' }).click();
  await page.getByLabel('Name').fill('Librarian');
  await page.getByLabel('Knowledge: Read').check();
  await page.getByLabel('Requires a second factor').check();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByText('Librarian is created')).toBeVisible();
  const role = (await owner.call<{ items: { key: string; name: string }[] }>('GET', '/v1/roles')).items.find((r) => r.name === 'Librarian')!.key;
  await owner.call('POST', '/v1/members', { email: 'lib@example.com', name: 'Lia Brandt', role });
  await page.goto(`${parley.url}/console/settings/members`);
  await page.getByRole('button', { name: 'Actions for Lia Brandt' }).click();
  await page.getByRole('menuitem', { name: 'Link for a new password' }).click();
  const link = await page.getByRole('dialog').locator('code').textContent();
  await page.close();

  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const lia = await context.newPage();
  await lia.goto(link!);
  await lia.getByLabel('New password', { exact: true }).fill('four quiet harbours');
  await lia.getByLabel('New password again').fill('four quiet harbours');
  await lia.getByRole('button', { name: 'Save password' }).click();
  const signIn = async (): Promise<void> => {
    await lia.getByLabel('E-mail address').fill('lib@example.com');
    await lia.getByLabel('Password', { exact: true }).fill('four quiet harbours');
    await lia.getByRole('button', { name: 'Sign in' }).click();
  };
  await signIn();
  await expect(lia.getByRole('heading', { name: 'Set up your second factor' })).toBeVisible();
  await lia.getByLabel('Your password').fill('four quiet harbours');
  await lia.getByRole('button', { name: 'Next' }).click();
  await expect(lia.getByRole('img', { name: /QR code/ })).toBeVisible();
  const secret = (await lia.locator('code').textContent())!;
  await lia.getByLabel('Code that the app shows').fill('000000');
  await lia.getByRole('button', { name: 'Switch on' }).click();
  await expect(lia.getByText(/not the code that the app shows/)).toBeVisible();
  await lia.getByLabel('Code that the app shows').fill(codeOf(secret));
  await lia.getByRole('button', { name: 'Switch on' }).click();
  await expect(lia.getByRole('listitem')).toHaveCount(10);
  const recovery = await lia.getByRole('listitem').allTextContents();
  await lia.getByRole('button', { name: 'I have kept them' }).click();

  // The role's pages, and no others.
  await lia.goto(`${parley.url}/console/knowledge`);
  await expect(lia.getByRole('link', { name: 'Parley guides' })).toBeVisible();
  await expect(lia.getByRole('link', { name: /Inbox/ })).toHaveCount(0);
  await lia.goto(`${parley.url}/console/settings/members`);
  await expect(lia.getByText('Your role does not include this')).toBeVisible();
  expect((await context.request.get(`${parley.url}/v1/conversations`)).status()).toBe(403);

  // Signing in asks for the code from now on; a recovery code serves once.
  await context.clearCookies();
  await lia.goto(`${parley.url}/console/settings/account`);
  await signIn();
  await lia.getByLabel('Code', { exact: true }).fill(recovery[0]!);
  await lia.getByRole('button', { name: 'Sign in' }).click();
  await expect(lia.getByText('9 recovery codes are left.')).toBeVisible();
  await expect(lia.getByRole('table', { name: 'Where you are signed in' }).getByText('This device')).toBeVisible();
  await context.close();
});

test('the widget comes through a lost connection without a lost or a doubled message', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  await page.goto(`${parley.url}/demo`);
  await page.locator('button[aria-haspopup=dialog]').click();
  const widget = page.frameLocator('iframe');
  const say = async (text: string): Promise<void> => {
    await widget.getByRole('textbox', { name: 'Your message' }).fill(text);
    await widget.getByRole('button', { name: 'Send' }).click();
  };
  const mine = widget.locator('article.mine');
  await say('How do I embed the widget?');
  await expect(widget.locator('article.assistant').nth(1)).toContainText(/script/);

  // What is written meanwhile waits and says so; what the team writes meanwhile is there afterwards.
  await context.setOffline(true);
  await say('What roles are there?');
  await expect(mine.last()).toContainText('Waits for a connection');
  const conversation = (await owner.call<{ items: { id: string; subject: string }[] }>('GET', '/v1/conversations?limit=1')).items[0]!;
  await owner.call('POST', `/v1/conversations/${conversation.id}/handoff`, {});
  await owner.call('POST', `/v1/conversations/${conversation.id}/messages`, { text: 'Said while you were away.', visibility: 'public' });
  await context.setOffline(false);
  await expect(widget.getByText('Said while you were away.')).toHaveCount(1);
  await expect(mine).toHaveCount(2);
  await expect(mine.last()).not.toContainText('Waits');

  // The answer to a message that did arrive is lost: it is sent again, and stays one message; also after a reload.
  let lost = 0;
  await page.route('**/v1/widget/conversations/*/messages', async (route) => {
    if (route.request().method() !== 'POST' || lost > 0) return route.continue();
    lost++;
    await route.fetch();
    return route.abort('connectionreset');
  });
  await say('And how do I invite people?');
  await expect(mine).toHaveCount(3);
  await page.reload();
  await page.locator('button[aria-haspopup=dialog]').click();
  await expect(mine.last()).toContainText('And how do I invite people?');
  await expect(mine).toHaveCount(3);
  await expect(mine.last()).not.toContainText(/Sending|Waits/);
  expect(lost).toBe(1);
  const stored = await owner.call<{ items: { authorKind: string }[] }>('GET', `/v1/conversations/${conversation.id}/messages?limit=200`);
  expect(stored.items.filter((m) => m.authorKind === 'end_user')).toHaveLength(3);
  await context.close();
});
