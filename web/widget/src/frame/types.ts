// The shapes of Parley's REST API and feed that the widget uses.
export interface Config {
  widgetId: string; name: string; title: string; greeting: string; color: string; position: string;
  suggestedQuestions: string[]; assistantName: string; locale: string | null; texts?: Record<string, string>; features: { person: boolean; rating: boolean };
  brand?: { name: string; logo: string | null; supportAddress: string | null; privacyUrl: string | null; termsUrl: string | null } | null;
  avatar?: { url: string | null; initials: string; color: string };
}
export interface Citation { documentId: string; title: string; url: string | null; anchor: string | null; quote: string; chunkId?: string }
// choices: the text is their list; next: questions that may follow. Both are sent as they read.
export interface Part { type: string; content: { text?: string; citations?: number[]; choices?: string[]; next?: string[] } & Partial<Citation> }
export interface Message {
  id: string; conversationId: string; seq: number; authorKind: 'end_user' | 'assistant' | 'agent' | 'system';
  authorName: string | null; turnId: string | null; createdAt: string; parts: Part[]; language?: string | null;
}
export interface Handoff { state: string; position: number | null; agentName?: string | null }
export interface Conversation {
  id: string; status: 'open' | 'closed'; owner: 'assistant' | 'queue' | 'agent'; handoff: Handoff | null; lastSeq: number; rating: number | null; agentName?: string | null;
}
export interface FeedEvent { id?: string | undefined; type: string; data: Record<string, unknown> }
export interface DocumentView { id: string; title: string; url: string | null; sections: { headingPath: string[]; anchor: string | null; text: string }[] }
export interface Problem { status: number; code?: string; title?: string; errors?: Record<string, string[]>; retryAfter?: number }
