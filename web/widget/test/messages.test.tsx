import { render } from 'preact';
import { expect, it } from 'vitest';
import { Bubble, type Context } from '../src/frame/messages';
import { en } from '../src/strings/en';
import type { Message, Part } from '../src/frame/types';

const sent: string[] = [];
const context: Context = { t: en, openSource: () => {}, copy: () => {}, locale: 'en', send: (text) => void sent.push(text) };
const show = (parts: Part[], latest: boolean): HTMLElement => {
  const message: Message = { id: 'm', conversationId: 'c', seq: 1, authorKind: 'assistant', authorName: null, turnId: null, createdAt: '2026-01-01T00:00:00Z', parts };
  const root = document.createElement('div');
  render(<Bubble message={message} context={context} assistantName="Assistant" latest={latest} />, root);
  return root;
};
const buttons = (root: HTMLElement): HTMLButtonElement[] => [...root.querySelectorAll<HTMLButtonElement>('.suggestions button')];

it('shows the options of a question back as buttons, and as a list once the conversation has gone on', () => {
  const parts: Part[] = [{ type: 'text', content: { text: 'Is it about one of these?' } }, { type: 'text', content: { text: '- Volumes\n- Cron jobs', choices: ['Volumes', 'Cron jobs'] } }];
  const root = show(parts, true);
  expect(buttons(root).map((b) => b.textContent)).toEqual(['Volumes', 'Cron jobs']);
  expect(root.querySelectorAll('li')).toHaveLength(0);
  buttons(root)[1]?.click();
  expect(sent).toEqual(['Cron jobs']);
  const earlier = show(parts, false);
  expect(buttons(earlier)).toHaveLength(0);
  expect([...earlier.querySelectorAll('li')].map((li) => li.textContent)).toEqual(['Volumes', 'Cron jobs']);
});

it('offers the next questions below the sources of the latest answer only', () => {
  const parts: Part[] = [{ type: 'text', content: { text: 'It is skipped.', citations: [0], next: ['Time zone'] } }, { type: 'quote', content: { documentId: 'd', title: 'Cron jobs', url: null, anchor: 'a', quote: 'It is skipped.' } }];
  const root = show(parts, true);
  expect(root.querySelector('.sources')?.nextElementSibling?.getAttribute('aria-label')).toBe(en.next);
  expect(buttons(root).map((b) => b.textContent)).toEqual(['Time zone']);
  expect(buttons(show(parts, false))).toHaveLength(0);
});
