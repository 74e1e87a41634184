// Without a mouse: each control of every page is reached by the Tab key and shows that it is, nothing works with a mouse only, and an agent's
// work gets done.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { atOnce, desktop, loaded, Site } from '../support/site';

let site: Site;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }: { browser: Browser }) => {
  test.setTimeout(300_000);
  site = await Site.open(browser);
});

test.afterAll(async () => {
  await site?.dispose();
});

type Sweep = { waiting: () => string[]; unseen: string[]; mouseOnly: string[] };

/** Looks at each control before it has the focus and when it has it. What moves by arrow keys is one stop: a list of tabs, a group of radio buttons. */
const begin = (): number => {
  // A mark on its way is no mark yet.
  const still = new CSSStyleSheet();
  still.replaceSync('*, ::before, ::after { transition: none !important; }');
  document.adoptedStyleSheets.push(still);
  const control = ':is(a[href], button, input, select, textarea, summary, [contenteditable=true], [role=button], [role=link], [role=checkbox], [role=switch], [role=combobox], [role=slider])';
  const together = '[role=tablist], [role=listbox], [role=menu], [role=menubar], [role=radiogroup], [role=toolbar], [role=grid], [role=tree], [role=application]';
  const dialog = document.querySelector('dialog[open], [role=dialog]');
  const within = dialog ?? document.body;
  // A field that has the focus from the start is looked at without it first.
  if (!dialog && document.activeElement instanceof HTMLElement) document.activeElement.blur();
  const name = (e: Element): string => `${e.tagName.toLowerCase()} “${(e.getAttribute('aria-label') ?? e.getAttribute('name') ?? e.textContent ?? '').trim().slice(0, 60)}”`;
  const wanted = [...within.querySelectorAll<HTMLElement>(control)].filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.matches(':disabled, [aria-disabled=true], [inert] *, [aria-hidden=true] *'));
  const stop = (e: HTMLElement): Element | string => e.closest(together) ?? (e instanceof HTMLInputElement && e.type === 'radio' ? `radio ${e.name}` : e);
  // A mark may stand on the control, on what holds it (a card of a choice) or beside it (a box that is drawn).
  const around = (e: Element): Element[] => [e, e.parentElement, e.parentElement?.parentElement, e.nextElementSibling].filter((x): x is Element => x != null);
  const look = (e: Element): string => around(e).map((x) => { const s = getComputedStyle(x); return [s.outlineStyle === 'none' ? '' : `${s.outlineWidth} ${s.outlineColor}`, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecorationLine].join(); }).join('|');
  const before = new Map(wanted.map((e) => [e, look(e)]));
  const reached = new Set<Element | string>();
  const sweep: Sweep = {
    waiting: () => wanted.filter((e) => e.isConnected && !reached.has(stop(e))).map(name),
    unseen: [],
    mouseOnly: [...within.querySelectorAll<HTMLElement>('*')].filter((e) => {
      const props = Object.keys(e).find((key) => key.startsWith('__reactProps$'));
      const clicked = props !== undefined && typeof (e as unknown as Record<string, { onClick?: unknown }>)[props]!.onClick === 'function';
      // Where a control stands inside or around it, that control does the same.
      return clicked && e.checkVisibility({ visibilityProperty: true }) && e.tabIndex < 0 && !e.matches('label, :disabled, [aria-disabled=true]') && !e.closest(together) && !e.closest(control) && !e.querySelector(control);
    }).map(name),
  };
  document.addEventListener('focusin', (event) => {
    const e = event.target as HTMLElement;
    if (!e.matches(control)) return;
    const first = !reached.has(stop(e));
    reached.add(stop(e));
    if (first && before.has(e)) requestAnimationFrame(() => { if (document.activeElement === e && look(e) === before.get(e)) sweep.unseen.push(name(e)); });
  });
  (window as unknown as { sweep: Sweep }).sweep = sweep;
  return wanted.length;
};

async function waiting(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { sweep: Sweep }).sweep.waiting());
}

test('each control of every page is reached by the Tab key and shows it, and nothing needs a mouse', async ({ browser }) => {
  test.setTimeout(300_000);
  const context = await browser.newContext({ ...desktop, reducedMotion: 'reduce', storageState: await site.owner.context.storageState() });
  await atOnce(Object.entries(site.addresses), async ([name, address]) => {
    const page = await context.newPage();
    await page.goto(`${site.parley.url}/console/${address}`);
    await loaded(page);
    if (address.includes('?turn=')) await expect(page.getByRole('dialog').getByRole('button').first()).toBeVisible();
    await page.waitForTimeout(300);
    const controls = await page.evaluate(begin);
    expect.soft(controls, `${name} has controls`).toBeGreaterThan(2);
    for (let round = 0, left = [''], pressed = 0; left.length > 0 && round < 4; round++) {
      for (pressed = 0; pressed < controls + 10; pressed++) await page.keyboard.press('Tab');
      left = await waiting(page);
    }
    const { left, unseen, mouseOnly } = await page.evaluate(() => {
      const { waiting, unseen, mouseOnly } = (window as unknown as { sweep: Sweep }).sweep;
      return { left: waiting(), unseen, mouseOnly };
    });
    expect.soft(left, `${name}: not reached by the Tab key`).toEqual([]);
    expect.soft(unseen, `${name}: has the focus and does not show it`).toEqual([]);
    expect.soft(mouseOnly, `${name}: works with a mouse only`).toEqual([]);
    await page.close();
  });
  await context.close();
});

test('an agent’s work is done without a mouse', async () => {
  const page = await site.owner.open('');
  await loaded(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: /Skip/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');

  // The inbox: next conversation, accept, reply, close.
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  // Home has a link of the same name.
  await expect(page.getByRole('heading', { name: 'Inbox', level: 1 })).toBeVisible();
  await expect(page.getByRole('link', { name: /How do I embed the widget/ })).toBeVisible();
  await page.keyboard.press('j');
  await expect(page.getByRole('button', { name: 'Accept' })).toBeVisible();
  await page.keyboard.press('a');
  const field = page.getByRole('textbox', { name: /Reply to/ });
  await expect(field).toBeFocused();
  await page.keyboard.type('Written without a mouse.');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('log').getByText('Written without a mouse.')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog', { name: 'Close this conversation' });
  await expect(dialog.getByRole('radio', { name: /^Resolved/ })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(dialog.getByRole('radio', { name: /Not resolved/ })).toBeChecked();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(dialog.getByRole('button', { name: 'Close', exact: true }).last()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect.poll(() => site.customer.messages()).toContain('Written without a mouse.');

  // Everything by name: a page, then what was said, down to the message.
  await page.keyboard.press('Control+k');
  const find = page.getByRole('combobox', { name: 'Search conversations, documents and pages' });
  await expect(find).toBeFocused();
  await page.keyboard.type('api k');
  await expect(page.getByRole('option', { selected: true })).toHaveAccessibleName(/API keys/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\/settings\/keys/);
  await page.keyboard.press('Control+k');
  await expect(find).toBeFocused();
  await page.keyboard.type('zebra crossing');
  await expect(page.getByText('Nothing matches “zebra crossing”')).toBeVisible();
  await find.fill('Written without a mous');
  await expect(page.getByRole('group', { name: 'Conversations' }).getByRole('option').first()).toContainText('Written without a mouse.');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/conversations\/[^?]+\?message=/);
  await expect(page.getByText('Written without a mouse.').first()).toBeVisible();

  // The playground, a menu, and a dialog that gives the focus back.
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page.getByRole('textbox', { name: 'Question' })).toBeFocused();
  await page.keyboard.type('How do I embed the widget?');
  await page.keyboard.press('Enter');
  await expect(page.getByText('one script tag').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await page.goto(`${site.parley.url}/console/knowledge`);
  const add = page.getByRole('button', { name: 'Add source' });
  await add.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem', { name: 'Upload files' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(add).toBeFocused();
  await page.goto(`${site.parley.url}/console/settings/keys`);
  const create = page.getByRole('button', { name: 'Create key' });
  await create.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByLabel('Name')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(create).toBeFocused();
  await page.close();
});
