import { describe, expect, it } from 'vitest';
import { empty, reduce, type Action, type State } from '../src/frame/state';
import type { Conversation, FeedEvent, Message } from '../src/frame/types';

const conversation: Conversation = { id: 'c1', status: 'open', owner: 'assistant', handoff: null, lastSeq: 0, rating: null };
const message = (id: string, seq: number, authorKind: Message['authorKind'], text: string): Message =>
  ({ id, conversationId: 'c1', seq, authorKind, authorName: null, turnId: authorKind === 'assistant' ? 't1' : null, createdAt: '2026-01-01T00:00:00Z', parts: [{ type: 'text', content: { text } }] });
const event = (type: string, data: Record<string, unknown>): FeedEvent => ({ type, data: { conversationId: 'c1', ...data } });

// A whole exchange: a question, a streamed answer, a handoff, an agent's reply, the end.
const story: FeedEvent[] = [
  event('accepted', { seq: 1, clientId: 'x', messageId: 'm1', turnId: 't1', message: message('m1', 1, 'end_user', 'How?') }),
  event('sources', { seq: 2, turnId: 't1', sources: [{ documentId: 'd', title: 'Guide', url: null, anchor: null, quote: 'So.' }] }),
  event('delta', { turnId: 't1', offset: 0, text: 'Like ' }),
  event('delta', { turnId: 't1', offset: 5, text: 'this.' }),
  event('message', { seq: 3, message: message('m2', 3, 'assistant', 'Like this.') }),
  event('done', { seq: 4, turnId: 't1', outcome: 'answered' }),
  event('handoff', { seq: 5, state: 'queued', position: 2 }),
  event('handoff', { seq: 6, state: 'accepted', agent: { name: 'Ada' } }),
  event('message', { seq: 7, message: message('m3', 7, 'agent', 'Hello.') }),
  event('closed', { seq: 8, by: 'agent', resolved: true }),
];
const apply = (state: State, events: FeedEvent[]): State => events.reduce((s, e) => reduce(s, { kind: 'event', event: e }), state);
const begun = reduce(empty, { kind: 'snapshot', conversation, messages: [] });
// An answer that was being streamed is gone at the end of every history, so it takes no part in the comparison.
const visible = ({ conversation: c, messages, offer }: State): unknown => ({ c, messages, offer });

describe('the conversation as the customer sees it', () => {
  it('follows the story of a conversation', () => {
    const half = apply(begun, story.slice(0, 4));
    expect(half.turn).toEqual({ id: 't1', text: 'Like this.', sources: [expect.objectContaining({ documentId: 'd' })] });
    const end = apply(half, story.slice(4));
    expect(end.turn).toBeNull();
    expect(end.messages.map((m) => m.id)).toEqual(['m1', 'm2', 'm3']);
    expect(end.conversation).toMatchObject({ owner: 'agent', agentName: 'Ada', status: 'closed', lastSeq: 8 });
  });

  it('loses and doubles nothing when events come again after a reconnect, wherever it broke', () => {
    const whole = visible(apply(begun, story));
    for (let broke = 0; broke <= story.length; broke++) {
      for (let from = 0; from <= broke; from++) {
        const again = apply(apply(begun, story.slice(0, broke)), story.slice(from));
        expect(visible(again)).toEqual(whole);
      }
    }
  });

  it('takes a snapshot that already contains what the feed brings', () => {
    const messages = [message('m1', 1, 'end_user', 'How?'), message('m2', 3, 'assistant', 'Like this.')];
    const snapshot = reduce(empty, { kind: 'snapshot', conversation: { ...conversation, lastSeq: 4 }, messages });
    expect(visible(apply(snapshot, story))).toEqual(visible(apply(begun, story)));
  });

  it('shows a message once whose first answer was lost, in whatever order the server tells of it', () => {
    const text: Action = { kind: 'send', message: { clientId: 'x', text: 'How?', state: 'queued' } };
    const answered: Action = { kind: 'sent', clientId: 'x', messageId: 'm1', waits: true };
    const snapshot: Action = { kind: 'snapshot', conversation: { ...conversation, lastSeq: 1 }, messages: [message('m1', 1, 'end_user', 'How?')] };
    for (const order of [[text, snapshot, answered], [text, answered, snapshot], [snapshot, text, answered]]) {
      const state = order.reduce(reduce, begun);
      expect(state.outgoing).toEqual([]);
      expect(state.messages).toHaveLength(1);
    }
  });

  it('shows a message once, although it was sent twice', () => {
    const sending: Action = { kind: 'send', message: { clientId: 'x', text: 'How?', state: 'sending' } };
    const state = apply(reduce(begun, sending), [story[0]!, story[0]!]);
    expect(state.outgoing).toEqual([]);
    expect(state.messages).toHaveLength(1);
  });

  it('waits for the full text when a delta is missing', () => {
    const state = apply(begun, [event('delta', { turnId: 't1', offset: 0, text: 'One ' }), event('delta', { turnId: 't1', offset: 9, text: 'three' })]);
    expect(state.turn?.text).toBe('One ');
    expect(apply(state, [event('delta', { turnId: 't1', offset: 0, text: 'One two three' })]).turn?.text).toBe('One two three');
  });

  it('takes a retraction back', () => {
    expect(apply(begun, [...story.slice(0, 4), event('replaced', { seq: 3, turnId: 't1' })]).turn?.text).toBe('');
  });

  it('offers a person when there was no answer, and only then', () => {
    expect(apply(begun, [event('done', { seq: 1, turnId: 't1', outcome: 'abstained' })]).offer).toBe(true);
    expect(apply(begun, [event('done', { seq: 1, turnId: 't1', outcome: 'answered' })]).offer).toBe(false);
  });

  it('ignores other conversations', () => {
    expect(reduce(begun, { kind: 'event', event: { type: 'closed', data: { conversationId: 'other', seq: 1 } } })).toBe(begun);
  });
});
