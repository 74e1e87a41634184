// The conversation as the customer sees it: a pure function of what REST and the feed said. Applying an event twice, or an
// event that a snapshot already contains, changes nothing.
import type { Citation, Conversation, FeedEvent, Message } from './types';

/** `messageId`: the server has it, and its event or a snapshot will bring it. */
export interface Outgoing { clientId: string; text: string; state: 'sending' | 'queued' | 'failed'; error?: string | undefined; messageId?: string | undefined }
export interface Turn { id: string; text: string; sources: Citation[] }
export interface State {
  conversation: Conversation | null;
  messages: Message[];
  outgoing: Outgoing[];
  turn: Turn | null;
  waiting: boolean; // a message was accepted and its answer has not begun
  agentTyping: boolean;
  offer: boolean; // the last answer was none: a person is offered
}

export const empty: State = { conversation: null, messages: [], outgoing: [], turn: null, waiting: false, agentTyping: false, offer: false };

export type Action =
  | { kind: 'snapshot'; conversation: Conversation; messages: Message[] }
  | { kind: 'event'; event: FeedEvent }
  | { kind: 'send'; message: Outgoing }
  | { kind: 'sending'; clientId: string }
  | { kind: 'sent'; clientId: string; messageId: string; waits: boolean }
  | { kind: 'sendFailed'; clientId: string; state: 'queued' | 'failed'; error?: string }
  | { kind: 'rated'; rating: number }
  | { kind: 'reset' };

export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case 'snapshot': return snapshot(state, action.conversation, action.messages);
    case 'event': return onEvent(state, action.event);
    case 'send': return { ...state, offer: false, outgoing: [...state.outgoing.filter((o) => o.clientId !== action.message.clientId), action.message] };
    case 'sending': return { ...state, outgoing: state.outgoing.map((o) => (o.clientId === action.clientId ? { ...o, state: 'sending' } : o)) };
    case 'sent': return sent(state, action.clientId, action.messageId, action.waits);
    case 'sendFailed': return { ...state, outgoing: state.outgoing.map((o) => (o.clientId === action.clientId ? { ...o, state: action.state, error: action.error } : o)) };
    case 'rated': return state.conversation ? { ...state, conversation: { ...state.conversation, rating: action.rating } } : state;
    case 'reset': return { ...empty, outgoing: [] };
  }
}

/** A repeated send of what had arrived long ago is answered too: its message is here already, and no event will come for it. */
function sent(state: State, clientId: string, messageId: string, waits: boolean): State {
  const open = state.outgoing.some((o) => o.clientId === clientId);
  if (state.messages.some((m) => m.id === messageId)) return { ...state, outgoing: state.outgoing.filter((o) => o.clientId !== clientId) };
  return { ...state, waiting: state.waiting || (waits && open), outgoing: state.outgoing.map((o) => (o.clientId === clientId ? { ...o, messageId } : o)) };
}

function snapshot(state: State, conversation: Conversation, messages: Message[]): State {
  const same = state.conversation?.id === conversation.id;
  const base = same ? state : { ...empty, outgoing: state.outgoing };
  const next = messages.reduce(withMessage, { ...base, conversation: { ...conversation, lastSeq: Math.max(conversation.lastSeq, same ? state.conversation!.lastSeq : 0) } });
  return next;
}

function withMessage(state: State, message: Message, clientId?: unknown): State {
  if (message.parts === undefined) return state;
  const known = state.messages.some((m) => m.id === message.id);
  const messages = known ? state.messages : [...state.messages, message].sort((a, b) => a.seq - b.seq);
  const outgoing = state.outgoing.filter((o) => o.clientId !== clientId && o.messageId !== message.id);
  return { ...state, messages, outgoing };
}

function onEvent(state: State, { type, data }: FeedEvent): State {
  const conversation = state.conversation;
  if (!conversation || data.conversationId !== conversation.id) return state;
  const seq = typeof data.seq === 'number' ? data.seq : null;
  if (seq !== null && seq <= conversation.lastSeq) return state;
  const s: State = seq === null ? state : { ...state, conversation: { ...conversation, lastSeq: seq } };
  const at = s.conversation!;
  switch (type) {
    case 'accepted': return { ...withMessage(s, data.message as Message, data.clientId), waiting: data.turnId != null };
    case 'sources': return { ...s, waiting: false, turn: { id: data.turnId as string, text: s.turn?.id === data.turnId ? s.turn!.text : '', sources: data.sources as Citation[] } };
    case 'delta': return { ...s, waiting: false, turn: delta(s.turn, data.turnId as string, data.offset as number, data.text as string) };
    case 'replaced': return { ...s, turn: s.turn?.id === data.turnId ? { ...s.turn!, text: '' } : s.turn };
    case 'message': {
      const message = data.message as Message;
      const ends = message.authorKind === 'assistant' || message.turnId === s.turn?.id;
      return { ...withMessage(s, message), turn: ends ? null : s.turn, waiting: ends ? false : s.waiting, agentTyping: message.authorKind === 'agent' ? false : s.agentTyping };
    }
    case 'handoff': {
      const state_ = data.state as string;
      const agentName = (data.agent as { name?: string } | undefined)?.name ?? null;
      const owner = state_ === 'accepted' ? 'agent' : ['requested', 'acknowledged', 'queued', 'offered', 'out_of_hours', 'expired'].includes(state_) ? 'queue' : 'assistant';
      return { ...s, offer: false, agentTyping: false, conversation: { ...at, owner, agentName, handoff: { state: state_, position: (data.position as number | undefined) ?? null, agentName } } };
    }
    case 'presence': return data.who === 'agent' ? { ...s, agentTyping: data.typing === true } : s;
    case 'done': return { ...s, waiting: false, turn: s.turn?.id === data.turnId ? null : s.turn, offer: data.outcome === 'abstained' && at.owner === 'assistant' };
    case 'error': return { ...s, waiting: false, turn: null, offer: true };
    case 'closed': return { ...s, waiting: false, turn: null, offer: false, conversation: { ...at, status: 'closed' } };
    case 'rated': return { ...s, conversation: { ...at, rating: data.rating as number } };
    default: return s;
  }
}

// Deltas carry the offset at which they belong: one that comes twice overwrites itself, one after a gap is left to the
// next full text (a resume starts at offset 0).
function delta(turn: Turn | null, id: string, offset: number, text: string): Turn {
  const before = turn?.id === id ? turn : { id, text: '', sources: [] };
  return offset > before.text.length ? before : { ...before, text: before.text.slice(0, offset) + text };
}
