// What holds for every page of the console: nothing moves while it loads, every list has its states, axe finds nothing in
// either scheme, and it lays out from right to left.
import { expect, test, type Browser } from '@playwright/test';
import type { Instance } from '../support/instance';
import type { Member } from '../support/people';
import { accessible } from '../support/screens';
import { atOnce, desktop, loaded, phone, Site } from '../support/site';

let site: Site;
let parley: Instance;
let owner: Member;
let addresses: Record<string, string>;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(300_000);
  site = await Site.open(browser);
  ({ parley, owner, addresses } = site);
});

test.afterAll(async () => {
  await site?.dispose();
});

test('no page moves while it loads, axe finds nothing on it in either scheme, and it lays out from right to left', async ({ browser }) => {
  test.setTimeout(300_000);
  for (const [device, options] of Object.entries({ desktop, phone })) {
    const context = await browser.newContext({ ...options, storageState: await owner.context.storageState() });
    await context.addInitScript(() => {
      const w = window as unknown as { shift: number };
      w.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) if (!entry.hadRecentInput) w.shift += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    // Answers come late, in the page itself: a request that a test reroutes costs the browser its cache of scripts.
    await context.addInitScript(() => {
      const real = window.fetch;
      window.fetch = async (input, init) => {
        const path = new URL(input instanceof Request ? input.url : input, location.href).pathname;
        if (path.startsWith('/v1/') && path !== '/v1/feed') await new Promise((resolve) => setTimeout(resolve, 300));
        return real(input, init);
      };
    });
    await atOnce(Object.entries(addresses), async ([name, address]) => {
      const page = await context.newPage();
      await page.goto(`${parley.url}/console/${address}`);
      await loaded(page);
      await page.waitForTimeout(700); // what follows from what came: titles, facts, pictures
      const shift = await page.evaluate(() => (window as unknown as { shift: number }).shift);
      expect.soft(shift, `${name} on a ${device} moves while it loads`).toBeLessThanOrEqual(0.02);
      if (device === 'desktop') await test.step(name, () => accessible(page));
      const { over, outside } = await page.evaluate(() => {
        document.documentElement.dir = 'rtl';
        return {
          over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          outside: [...document.querySelectorAll('main :is(button, a, input, select, h1, h2)')].filter((e) => {
            const box = e.getBoundingClientRect();
            const scrolls = e.closest('nav, pre, table, [role=log]');
            return box.width > 1 && !scrolls && (box.left < -1 || box.right > innerWidth + 1);
          }).map((e) => e.textContent),
        };
      });
      expect.soft(over, `${name} on a ${device} scrolls sideways from right to left`).toBeLessThanOrEqual(0);
      expect.soft(outside, `${name} on a ${device}: off the page from right to left`).toEqual([]);
      await page.close();
    });
    await context.close();
  }
});

test('every list says that it loads, that it is empty and that it failed, and recovers', async ({ browser }) => {
  test.setTimeout(120_000);
  const lists: [address: string, api: RegExp, filled: string | RegExp][] = [
    ['inbox', /\/v1\/conversations\?/, 'How do I embed the widget?'],
    ['conversations', /\/v1\/conversations\?/, 'How do I embed the widget?'],
    ['knowledge', /\/v1\/knowledge\/sources\?/, 'Parley guides'],
    [addresses.source!, /\/v1\/knowledge\/documents\?/, 'Getting started'],
    [addresses.imports!, /\/v1\/knowledge\/imports\?/, 'Added'],
    ['knowledge/articles', /\/v1\/knowledge\/articles(\?|$)/, 'How do I dock?'],
    ['settings/members', /\/v1\/members\?/, 'admin@parley.local'],
    ['settings/roles', /\/v1\/roles(\?|$)/, 'Owner'],
    ['settings/keys', /\/v1\/api-keys\?/, 'CRM sync'],
    ['settings/widget', /\/v1\/widgets(\?|$)/, 'Public key'],
    ['quality', /\/v1\/quality\/golden-questions(\?|$)/, 'How do I embed the widget?'],
    ['quality/runs', /\/v1\/quality\/golden-runs(\?|$)/, 'As shipped against as shipped'],
    ['settings/audit', /\/v1\/audit/, 'Signed in'],
    ['settings/brands', /\/v1\/brands(\?|$)/, 'First'],
    ['settings/privacy', /\/v1\/workspace\/exports/, 'Ready'],
  ];
  const context = await browser.newContext({ ...desktop, storageState: await owner.context.storageState() });
  await atOnce(lists, async ([address, api, filled]) => {
    const page = await context.newPage();
    let mode: 'held' | 'failed' | 'empty' | 'real' = 'held';
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => { release = resolve; });
    await page.route(api, async (route) => {
      if (mode === 'held') await held;
      if (mode === 'failed') return route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503,"code":"unavailable","title":"Away"}' });
      if (mode === 'empty') return route.fulfill({ status: 200, contentType: 'application/json', body: '{"items":[],"next":null}' });
      return route.continue();
    });
    await test.step(address, async () => {
      await page.goto(`${parley.url}/console/${address}`);
      await expect(page.locator('[aria-busy=true], [role=status][aria-label="Loading"]').first(), 'a skeleton').toBeVisible();
      mode = 'failed';
      release();
      const alert = page.locator('main').getByRole('alert').filter({ has: page.getByRole('button', { name: 'Try again' }) }).first();
      await expect(alert, 'an error').toBeVisible();
      // Changed after the click: with other pages open beside it, a list may ask again by itself, and the button would be gone.
      await alert.getByRole('button', { name: 'Try again' }).click();
      mode = 'real';
      await expect(page.locator('main').getByText(filled).filter({ visible: true }).first(), 'recovered').toBeVisible();
      mode = 'empty';
      await page.reload();
      await expect(page.locator('main h2').first(), 'an explanation of nothing').toBeVisible();
      await expect(page.locator('main').getByText(filled).filter({ visible: true })).toHaveCount(0);
    });
    await page.close();
  });
  await context.close();
});

test('axe finds nothing on the sign-in page and in a dialog', async ({ browser }) => {
  const signedOut = await (await browser.newContext(desktop)).newPage();
  await signedOut.goto(`${parley.url}/console/`);
  await expect(signedOut.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await accessible(signedOut);
  await signedOut.context().close();
  const page = await owner.open('settings/keys');
  await page.getByRole('button', { name: 'Create key' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('getting');
  await expect(page.getByRole('group', { name: 'Documents' }).getByRole('option').first()).toBeVisible();
  await accessible(page);
  await page.close();
});

test('from right to left the drawer comes from the end of the line, the navigation stands at its beginning', async ({ browser }) => {
  for (const [device, options] of Object.entries({ desktop, phone })) {
    const context = await browser.newContext({ ...options, storageState: await owner.context.storageState() });
    await context.addInitScript(() => document.addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl'; }));
    const page = await context.newPage();
    await page.goto(`${parley.url}/console/${addresses.trace}`);
    const drawer = page.getByRole('dialog');
    await expect(drawer.getByText('Understand the question')).toBeVisible();
    expect((await drawer.boundingBox())!.x).toBeLessThanOrEqual(0);
    if (device === 'desktop') expect((await page.getByRole('link', { name: 'Home' }).first().boundingBox())!.x).toBeGreaterThan(1000);
    await context.close();
  }
});
