// A program outside is told what happens: it fails twice, gets it all the same, and what came of it stands in the console.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { expect, test, type Browser } from '@playwright/test';
import { freePort, Instance } from '../support/instance';
import { Customer, Member, ownParley } from '../support/people';
import { accessible, picture } from '../support/screens';

type Request = { id: string; timestamp: string; signature: string; body: string };

let parley: Instance;
let owner: Member;
let receiver: Server;
let address: string;
const requests: Request[] = [];
let failing = 0;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(300_000);
  const port = await freePort();
  address = `http://127.0.0.1:${port}/hooks/parley`;
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => { body += piece.toString(); });
    request.on('end', () => {
      const header = (name: string): string => String(request.headers[name]);
      requests.push({ id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature'), body });
      response.statusCode = failing-- > 0 ? 500 : 200;
      response.end(response.statusCode === 500 ? 'The queue is full' : 'Thank you');
    });
  }).listen(port, '127.0.0.1');
  ({ parley, owner } = await ownParley(browser, { PARLEY_PRIVATE_HOSTS: `127.0.0.1:${port}` }));
});

test.afterAll(async () => {
  receiver?.closeAllConnections();
  receiver?.close();
  await parley?.dispose();
});

const isSigned = (secret: string, r: Request): boolean => {
  const expected = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64')).update(`${r.id}.${r.timestamp}.${r.body}`).digest();
  return r.signature.split(' ').some((one) => timingSafeEqual(Buffer.from(one.slice('v1,'.length), 'base64'), expected));
};

test('a webhook whose receiver fails twice gets it all the same, and everything is seen', async () => {
  test.setTimeout(180_000);
  const page = await owner.open('settings/webhooks');
  await expect(page.getByText('No webhooks')).toBeVisible();
  await page.getByRole('button', { name: 'Add webhook' }).click();
  const dialog = page.getByRole('dialog');
  // First as people do it: an address in the own network that nobody allowed, and no events.
  await dialog.getByRole('textbox', { name: 'Address' }).fill('https://10.0.0.5/hook');
  await dialog.getByRole('button', { name: 'Save webhook' }).click();
  await expect(dialog.getByText('Choose at least one event.')).toBeVisible();
  await dialog.getByLabel('message.created').check();
  await dialog.getByRole('button', { name: 'Save webhook' }).click();
  await expect(dialog.getByText(/PARLEY_PRIVATE_HOSTS=10\.0\.0\.5:443/)).toBeVisible();
  await accessible(page);
  await dialog.getByRole('textbox', { name: 'Address' }).fill(address);
  await dialog.getByLabel('Description').fill('CRM sync');
  await dialog.getByRole('button', { name: 'Save webhook' }).click();
  const secret = await dialog.locator('code').textContent();
  expect(secret).toMatch(/^whsec_/);
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  await expect(page.getByRole('heading', { name: address })).toBeVisible();

  await page.getByRole('button', { name: 'Send test event' }).click();
  await expect(page.getByText(/It works: answered 200/)).toBeVisible();
  expect(requests).toHaveLength(1);
  expect(isSigned(secret!, requests[0]!)).toBe(true);

  failing = 2;
  const key = (await owner.call<{ items: { publicKey: string }[] }>('GET', '/v1/widgets')).items[0]!.publicKey;
  const customer = await Customer.start(parley, key);
  await customer.write('Where is my parcel?');
  const mine = (): Request[] => requests.filter((r) => r.body.includes('Where is my parcel?'));
  await expect.poll(() => mine().length).toBe(1);
  const table = page.getByRole('table', { name: 'Deliveries' });
  await expect.poll(() => mine().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
  await expect.poll(async () => {
    const rows = await table.getByRole('row', { name: /message\.created/ }).allTextContents();
    return rows.length > 0 && rows.every((row) => row.includes('Delivered'));
  }, { timeout: 60_000 }).toBe(true);
  expect(new Set(mine().map((r) => r.id)).size).toBe(1);
  expect(mine().every((r) => isSigned(secret!, r))).toBe(true);
  await picture(page, 'webhook');

  await table.getByRole('button', { name: 'message.created' }).last().click();
  await expect(dialog.getByText('The queue is full').first()).toBeVisible();
  await expect(dialog.getByText('Thank you')).toBeVisible();
  await expect(dialog.getByText(/Where is my parcel\?/)).toBeVisible();
  await accessible(page);
  const before = mine().length;
  await dialog.getByRole('button', { name: 'Send again' }).click();
  await expect.poll(() => mine().length).toBe(before + 1);
  await page.keyboard.press('Escape');

  // Gone for good: switched off, and said where somebody looks first.
  receiver.removeAllListeners('request');
  receiver.on('request', (request, response) => request.resume().on('end', () => { response.statusCode = 410; response.end(); }));
  await customer.write('And my second parcel?');
  await expect(page.getByText(/answered that it is gone for good/)).toBeVisible({ timeout: 30_000 });
  await page.getByRole('link', { name: 'Home', exact: true }).first().click();
  await page.getByRole('link', { name: /CRM sync/ }).click();
  await page.getByRole('button', { name: 'Switch on' }).click();
  await expect(dialog.getByRole('button', { name: 'Switch on and catch up' })).toBeVisible();
  await page.close();
});

test('a visitor whom the company\'s server vouches for is known by name, and a stranger is not', async ({ browser }) => {
  const made = await owner.call<{ key: { id: string }; secret: string }>('POST', '/v1/identity-keys', { name: 'Production' });
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const tokenOf = (secret: string): string => {
    const signed = `${encode({ alg: 'HS256', typ: 'JWT', kid: made.key.id })}.${encode({ sub: 'user-42', name: 'Ana Lima', email: 'ana@example.com', exp: Math.floor(Date.now() / 1000) + 600 })}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  const ask = async (token: string, text: string): Promise<string[]> => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${parley.url}/demo`);
    await page.waitForFunction(() => (window as unknown as { Parley?: { ready?: true } }).Parley?.ready);
    const heard = await page.evaluate(async ([t, question]) => {
      const call = (window as unknown as { Parley: (...args: unknown[]) => void }).Parley;
      const events: string[] = [];
      const done = new Promise<void>((resolve) => ['identified', 'identityRefused'].forEach((name) => call('on', name, () => { events.push(name); resolve(); })));
      call('identify', t);
      call('ask', question);
      await done;
      return events;
    }, [token, text]);
    await expect(page.frameLocator('iframe').getByText(text)).toBeVisible();
    await expect.poll(async () => JSON.stringify(await owner.call('GET', '/v1/conversations'))).toContain(text);
    await context.close();
    return heard;
  };
  expect(await ask(tokenOf(made.secret), 'Where is the order of Ana?')).toEqual(['identified']);
  expect(await ask(tokenOf('guessed'), 'I say that I am Ana')).toEqual(['identityRefused']);
  const all = (await owner.call<{ items: { subject: string; endUser: { name: string | null; verified: boolean } }[] }>('GET', '/v1/conversations')).items;
  expect(all.find((c) => c.subject.includes('order of Ana'))!.endUser).toMatchObject({ name: 'Ana Lima', verified: true });
  expect(all.find((c) => c.subject.includes('I say'))!.endUser).toMatchObject({ name: null, verified: false });
});
