// One contact sheet for each page of the console: on a desk and on a phone, light and dark, with content, with none, and when the server
// is away. A sheet is written only where it changed visibly.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { Models } from '../support/models';
import { Customer } from '../support/people';
import { desktop, loaded, phone, Site } from '../support/site';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'screens', 'pages');

/** Of all sheets together. */
const mostBytes = 7_000_000;

/** Times and ids that differ in each run are a smaller share of a sheet. */
const visible = 0.004;

type State = 'full' | 'empty' | 'error';
type Cell = { device: 'desktop' | 'phone'; scheme: 'light' | 'dark'; state: State };

const cells: Cell[] = [
  { device: 'desktop', scheme: 'light', state: 'full' }, { device: 'desktop', scheme: 'dark', state: 'full' },
  { device: 'desktop', scheme: 'light', state: 'empty' }, { device: 'desktop', scheme: 'dark', state: 'error' },
  { device: 'phone', scheme: 'light', state: 'full' }, { device: 'phone', scheme: 'dark', state: 'full' },
  { device: 'phone', scheme: 'dark', state: 'empty' }, { device: 'phone', scheme: 'light', state: 'error' },
];

test('every page of the console is pictured', async ({ browser }) => {
  const models = await Models.start();
  const site = await Site.open(browser, { PARLEY_PRIVATE_HOSTS: models.host });
  await populate(site);
  await spend(site, models);
  const easel = await browser.newPage();
  const contexts = new Map<Cell, BrowserContext>();
  for (const cell of cells) contexts.set(cell, await contextOf(browser, site, cell));
  mkdirSync(folder, { recursive: true });
  const pages = { 'sign-in': null, ...site.addresses };
  const names = new Set(Object.keys(pages).map((name) => `${name.replaceAll(' ', '-')}.webp`));
  for (const old of readdirSync(folder)) if (!names.has(old)) rmSync(join(folder, old));
  const written: string[] = [];
  // Some by name (PARLEY_PAGES=home,keys), where only they have changed.
  const chosen = process.env.PARLEY_PAGES?.split(',');
  for (const [name, address] of Object.entries(pages)) {
    if (chosen && !chosen.includes(name)) continue;
    const shots = await Promise.all(cells.map((cell) => shot(address === null ? null : (contexts.get(cell) as BrowserContext), browser, site, cell, address ?? '')));
    const sheet = await compose(easel, shots);
    const file = join(folder, `${name.replaceAll(' ', '-')}.webp`);
    if (existsSync(file) && await difference(easel, readFileSync(file).toString('base64'), sheet) < visible) continue;
    writeFileSync(file, Buffer.from(sheet, 'base64'));
    written.push(name);
  }
  await site.dispose();
  models.stop();
  const bytes = readdirSync(folder).reduce((sum, f) => sum + statSync(join(folder, f)).size, 0);
  process.stdout.write(`${written.length} of ${names.size} sheets changed (${written.join(', ') || 'none'}); ${(bytes / 1e6).toFixed(1)} MB in all\n`);
  if (bytes > mostBytes) throw new Error(`The sheets take ${bytes} bytes; at most ${mostBytes} are kept.`);
});

/** As much as a small team has after a day: lists with one row tell nobody how they look. */
async function populate({ parley, owner }: Site): Promise<void> {
  const key = (await owner.call<{ items: { publicKey: string }[] }>('GET', '/v1/widgets')).items[0]!.publicKey;
  const conversations: string[] = [];
  for (const question of ['Can I use my own PostgreSQL?', 'How do I take a backup?', 'Who won the match on Sunday?', 'How do I add a member?', 'What does a webhook send?', 'How do I delete a customer’s data?', 'How is the confidence made?']) {
    const customer = await Customer.start(parley, key);
    await customer.ask(question);
    conversations.push(customer.conversation);
  }
  for (const text of ['My invoice has the wrong address, please call me', 'Nobody answers my ticket since Monday']) {
    const customer = await Customer.start(parley, key);
    await customer.write(text);
    await customer.askForPerson();
  }
  for (const [name, color] of [['Billing', 'orange'], ['Set-up', 'teal'], ['Praise', 'green']] as const) {
    const tag = await owner.call<{ id: string }>('POST', '/v1/tags', { name, color });
    await owner.call('POST', '/v1/conversations/actions', { action: 'tag', tagId: tag.id, conversationIds: conversations.splice(0, 2) });
  }
  for (const [name, role] of [['Ada', 'manager'], ['Grace', 'agent'], ['Linus', 'agent'], ['Barbara', 'viewer']] as const) await owner.call('POST', '/v1/members', { email: `${name.toLowerCase()}@example.com`, name, role });
  await owner.call('POST', '/v1/invitations', { email: 'ken@example.com', role: 'agent' });
  for (const title of ['Call back about the invoice', 'Write down how a backup is restored', 'Ask the team about Sunday']) await owner.call('POST', '/v1/tasks', { title });
  await owner.call('POST', '/v1/api-keys', { name: 'Status page', scopes: ['members:read'] });
  await owner.call('POST', '/v1/brands', { name: 'Harbour', color: '#7a4ea3', supportAddress: 'help@example.com', privacyUrl: 'https://example.com/privacy' });
  const { items } = await owner.call<{ items: { id: string; title: string }[] }>('GET', '/v1/knowledge/documents?limit=100');
  const asked = items.slice(0, 6).map((d) => ({ question: `What should I know about “${d.title}”?`, expectedDocumentId: d.id, language: 'en', category: 'moderate' }));
  for (const question of asked) await owner.call('POST', '/v1/quality/golden-questions', question);
  const run = (await owner.call<{ id: string }>('POST', '/v1/quality/golden-runs', { candidateVersion: 0 })).id;
  await expect.poll(async () => (await owner.call<{ state: string }>('GET', `/v1/quality/golden-runs/${run}`)).state).toBe('done');
  // Two articles that say the same, but for a number.
  for (const [title, hours] of [['How long is the harbour open?', '8 in the morning until 10 in the evening'], ['Opening hours of the harbour', '9 in the morning until 10 in the evening']] as const) {
    const { id } = await owner.call<{ id: string }>('POST', '/v1/knowledge/articles', { locale: 'en', title, body: `The harbour office is open every day of the week from ${hours}, and the gate is locked at night for everybody who has no key of their own.` });
    await owner.call('POST', `/v1/knowledge/articles/${id}/texts/en/publish`);
  }
  await expect.poll(async () => (await owner.call<{ items: unknown[] }>('GET', '/v1/knowledge/findings')).items.length, { timeout: 60_000 }).toBeGreaterThan(0);
}

/** Answers of three tiers, so that there is something on the pages of what they cost. */
async function spend({ owner }: Site, models: Models): Promise<void> {
  const { id } = await owner.call<{ id: string }>('POST', '/v1/models/accounts', { name: 'House', provider: 'openai-compatible', baseUrl: `${models.url}/openai/v1` });
  const tiers = [['small', 'house-small', 0.1], ['medium', 'house-medium', 1], ['large', 'house-large', 4]] as const;
  const entries = tiers.map(([, name, input]) => ({ provider: 'openai-compatible', model: name, name, kind: 'chat', capabilities: {}, prices: { input, output: 5 * input }, asOf: '2026-11-21' }));
  for (const first of ['small', 'medium', 'large'] as const) {
    const choices = tiers.slice(tiers.findIndex(([tier]) => tier === first)).map(([tier, model]) => ({ feature: 'answer', tier, accountId: id, model }));
    await owner.call('PUT', '/v1/models/settings', { settings: { choices, models: entries, strategy: 'attempts' } });
    for (const question of ['How do I embed the widget?', 'How do I take a backup?', 'How do I add a member?'].slice(0, first === 'small' ? 3 : 1)) await owner.call('POST', '/v1/assistant/ask', { question });
  }
}

async function contextOf(browser: Browser, site: Site, { device, scheme, state }: Cell, signedIn = true): Promise<BrowserContext> {
  const context = await browser.newContext({
    ...(device === 'desktop' ? desktop : phone), colorScheme: scheme, reducedMotion: 'reduce', ...(signedIn && { storageState: await site.owner.context.storageState() }),
  });
  if (state === 'full') return context;
  await context.route(/\/v1\/(?!auth\/|feed)/, async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    if (state === 'error') return route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503,"code":"unavailable","title":"Away"}' });
    const response = await route.fetch();
    const body = await response.json().catch(() => null) as { items?: unknown } | null;
    return body && Array.isArray(body.items) ? route.fulfill({ response, json: { ...body, items: [], next: null } }) : route.fulfill({ response });
  });
  return context;
}

async function shot(context: BrowserContext | null, browser: Browser, site: Site, cell: Cell, address: string): Promise<{ cell: Cell; picture: string }> {
  const own = context ?? await contextOf(browser, site, { ...cell, state: 'full' }, false);
  const page = await own.newPage();
  await page.goto(`${site.parley.url}/console/${address}`);
  await loaded(page).catch(() => undefined); // a page that never comes to rest is pictured as it is
  await page.waitForTimeout(cell.state === 'error' ? 3_500 : 500); // an error is said when asking again has not helped
  const picture = (await page.screenshot({ animations: 'disabled' })).toString('base64');
  await page.close();
  if (!context) await own.close();
  return { cell, picture };
}

/** Desks in the first row, phones in the second. Base64 of a WebP. */
function compose(easel: Page, shots: { cell: Cell; picture: string }[]): Promise<string> {
  return easel.evaluate(async ({ shots }) => {
    const size = { desktop: [680, 425], phone: [250, 541] } as const;
    const gap = 16;
    const canvas = document.createElement('canvas');
    canvas.width = 4 * size.desktop[0] + 5 * gap;
    canvas.height = size.desktop[1] + size.phone[1] + 3 * gap;
    const draw = canvas.getContext('2d') as CanvasRenderingContext2D;
    draw.fillStyle = '#7d8587';
    draw.fillRect(0, 0, canvas.width, canvas.height);
    draw.imageSmoothingQuality = 'high';
    const at = { desktop: 0, phone: 0 };
    for (const { cell, picture } of shots) {
      const image = new Image();
      image.src = `data:image/png;base64,${picture}`;
      await image.decode();
      const [w, h] = size[cell.device];
      const column = at[cell.device]++;
      const x = gap + column * (size.desktop[0] + gap) + (size.desktop[0] - w) / 2;
      draw.drawImage(image, x, cell.device === 'desktop' ? gap : size.desktop[1] + 2 * gap, w, h);
    }
    return canvas.toDataURL('image/webp', 0.8).split(',')[1] as string;
  }, { shots });
}

/** The share of pixels that somebody would see to differ. */
function difference(easel: Page, one: string, other: string): Promise<number> {
  return easel.evaluate(async ([one, other]) => {
    const read = async (picture: string): Promise<ImageData> => {
      const image = new Image();
      image.src = `data:image/webp;base64,${picture}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width, image.height];
      const draw = canvas.getContext('2d') as CanvasRenderingContext2D;
      draw.drawImage(image, 0, 0);
      return draw.getImageData(0, 0, image.width, image.height);
    };
    const [a, b] = [await read(one as string), await read(other as string)];
    if (a.width !== b.width || a.height !== b.height) return 1;
    let differ = 0;
    for (let i = 0; i < a.data.length; i += 4) {
      if (Math.max(...[0, 1, 2].map((c) => Math.abs((a.data[i + c] as number) - (b.data[i + c] as number)))) > 48) differ++;
    }
    return differ / (a.width * a.height);
  }, [one, other]);
}
