// One contact sheet for each page of the console: on a desk and on a phone, light and dark, with content, with none, and when the server
// is away. A sheet is written only where it changed visibly.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { desktop, loaded, phone, Site } from '../support/site';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'screens', 'pages');

/** Of all sheets together. */
const mostBytes = 6_000_000;

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
  const site = await Site.open(browser);
  const easel = await browser.newPage();
  const contexts = new Map<Cell, BrowserContext>();
  for (const cell of cells) contexts.set(cell, await contextOf(browser, site, cell));
  mkdirSync(folder, { recursive: true });
  const pages = { 'sign-in': null, ...site.addresses };
  const names = new Set(Object.keys(pages).map((name) => `${name.replaceAll(' ', '-')}.webp`));
  for (const old of readdirSync(folder)) if (!names.has(old)) rmSync(join(folder, old));
  const written: string[] = [];
  for (const [name, address] of Object.entries(pages)) {
    const shots = await Promise.all(cells.map((cell) => shot(address === null ? null : (contexts.get(cell) as BrowserContext), browser, site, cell, address ?? '')));
    const sheet = await compose(easel, shots);
    const file = join(folder, `${name.replaceAll(' ', '-')}.webp`);
    if (existsSync(file) && await difference(easel, readFileSync(file).toString('base64'), sheet) < visible) continue;
    writeFileSync(file, Buffer.from(sheet, 'base64'));
    written.push(name);
  }
  await site.dispose();
  const bytes = readdirSync(folder).reduce((sum, f) => sum + statSync(join(folder, f)).size, 0);
  process.stdout.write(`${written.length} of ${names.size} sheets changed (${written.join(', ') || 'none'}); ${(bytes / 1e6).toFixed(1)} MB in all\n`);
  if (bytes > mostBytes) throw new Error(`The sheets take ${bytes} bytes; at most ${mostBytes} are kept.`);
});

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
    const size = { desktop: [560, 350], phone: [208, 450] } as const;
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
