import { render } from 'preact';
import { act } from 'preact/test-utils';
import { expect, it } from 'vitest';
import { App } from '../src/frame/app';
import type { Controller } from '../src/frame/controller';
import { empty } from '../src/frame/state';
import { en } from '../src/strings/en';
import type { DocumentView, Message } from '../src/frame/types';

it('stays in the conversation when the source comes after the customer has gone back', async () => {
  let come: (document: DocumentView) => void = () => undefined;
  const message: Message = {
    id: 'm', conversationId: 'c', seq: 1, authorKind: 'assistant', authorName: null, turnId: null, createdAt: '2026-01-01T00:00:00Z',
    parts: [{ type: 'text', content: { text: 'For 30 days.', citations: [0] } }, { type: 'quote', content: { documentId: 'd', title: 'Backups', url: null, anchor: 'a', quote: 'For 30 days.' } }],
  };
  const controller = {
    state: { ...empty, messages: [message] }, config: { greeting: 'Hello', suggestedQuestions: [], features: {} }, phase: 'ready', connection: 'open', draft: '',
    subscribe: () => () => undefined, document: () => new Promise<DocumentView>((resolve) => { come = resolve; }),
  } as unknown as Controller;
  const root = document.createElement('div');
  const press = (selector: string): void => { void act(() => root.querySelector<HTMLButtonElement>(selector)!.click()); };
  Element.prototype.scrollIntoView ??= () => undefined;
  void act(() => render(<App controller={controller} t={en} locale="en" />, root));

  press('.sources button');
  expect(root.querySelector('main.source h2')?.textContent).toBe('Backups');
  press('.back button');
  expect(root.querySelector('main.source')).toBeNull();
  await act(async () => { come({ id: 'd', title: 'Backups', url: null, sections: [] }); await Promise.resolve(); });
  expect(root.querySelector('main.source')).toBeNull();

  press('.sources button');
  await act(async () => { come({ id: 'd', title: 'Backups', url: null, sections: [{ headingPath: ['Kept'], anchor: 'a', text: 'For 30 days.' }] }); await Promise.resolve(); });
  expect(root.querySelector('main.source section.cited')?.textContent).toContain('For 30 days.');
});
