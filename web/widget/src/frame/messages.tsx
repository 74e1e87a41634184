import type { VNode } from 'preact';
import { Markdown } from './markdown';
import type { Strings } from './strings';
import type { Citation, Message, Part } from './types';

export interface Context { t: Strings; openSource: (citation: Citation) => void; copy: (text: string) => void; locale: string }

const timeOf = (at: string, locale: string): string => new Date(at).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });

export function Answer({ parts, context }: { parts: Part[]; context: Context }): VNode {
  const sources = parts.filter((part) => part.type === 'quote').map((part) => part.content as Citation);
  return (
    <>
      {parts.filter((part) => part.type === 'text').map((part) => (
        <div class="para" dir="auto">
          <Markdown text={part.content.text ?? ''} onCopy={context.copy} copyLabel={context.t.copy} />
          {(part.content.citations ?? []).map((index) => {
            const source = sources[index];
            return source && (
              <button type="button" class="cite" aria-label={context.t.source(index + 1, source.title)} title={source.title} onClick={() => context.openSource(source)}>{index + 1}</button>
            );
          })}
        </div>
      ))}
      <Sources sources={sources} context={context} />
    </>
  );
}

/** One line per article, also where several of its sentences are quoted. */
export function Sources({ sources, context }: { sources: Citation[]; context: Context }): VNode | null {
  if (sources.length === 0) return null;
  const articles = sources.map((source, index) => ({ source, index })).filter(({ source }, at, all) => all.findIndex((o) => o.source.documentId === source.documentId && o.source.anchor === source.anchor) === at);
  return (
    <div class="sources">
      <span class="label">{context.t.sources}</span>
      <ul>
        {articles.map(({ source, index }) => (
          <li><button type="button" onClick={() => context.openSource(source)}><span class="n">{index + 1}</span><span dir="auto">{source.title}</span></button></li>
        ))}
      </ul>
    </div>
  );
}

export function Bubble({ message, context, assistantName }: { message: Message; context: Context; assistantName: string }): VNode {
  const mine = message.authorKind === 'end_user';
  const author = mine ? context.t.you : message.authorKind === 'assistant' ? assistantName : (message.authorName ?? context.t.team);
  if (message.authorKind === 'system') {
    return <div class="system" dir="auto">{message.parts.map((part) => part.content.text).join('\n')}</div>;
  }
  return (
    <article class={`bubble ${mine ? 'mine' : 'theirs'} ${message.authorKind}`}>
      <span class="author">{author}</span>
      {mine ? message.parts.map((part) => <p class="plain" dir="auto">{part.content.text}</p>) : <Answer parts={message.parts} context={context} />}
      <time dateTime={message.createdAt}>{timeOf(message.createdAt, context.locale)}</time>
    </article>
  );
}
