import type { VNode } from 'preact';
import { Face } from './face';
import { Markdown } from './markdown';
import type { Strings } from './strings';
import type { Citation, Config, Message, Part } from './types';

export interface Context { t: Strings; openSource: (citation: Citation) => void; copy: (text: string) => void; locale: string; send: (text: string) => void; avatar?: Config['avatar'] }

const timeOf = (at: string, locale: string): string => new Date(at).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });

/** Sends one of several texts with one click. */
export function Suggestions({ texts, label, send }: { texts: string[]; label?: string; send: (text: string) => void }): VNode {
  return <div class="suggestions" role="group" aria-label={label}>{texts.map((text) => <button type="button" dir="auto" onClick={() => send(text)}>{text}</button>)}</div>;
}

/** Only the latest message offers something to press: in an earlier one its list is read. */
export function Answer({ parts, context, latest }: { parts: Part[]; context: Context; latest: boolean }): VNode {
  const sources = parts.filter((part) => part.type === 'quote').map((part) => part.content as Citation);
  const next = latest ? parts.flatMap((part) => part.content.next ?? []) : [];
  return (
    <>
      {parts.filter((part) => part.type === 'text').map((part) => latest && part.content.choices ? <Suggestions texts={part.content.choices} send={context.send} /> : (
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
      {next.length > 0 && <Suggestions texts={next} label={context.t.next} send={context.send} />}
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

export function Bubble({ message, context, assistantName, latest = false }: { message: Message; context: Context; assistantName: string; latest?: boolean }): VNode {
  const mine = message.authorKind === 'end_user';
  const author = mine ? context.t.you : message.authorKind === 'assistant' ? assistantName : (message.authorName ?? context.t.team);
  if (message.authorKind === 'system') {
    return <div class="system" dir="auto">{message.parts.map((part) => part.content.text).join('\n')}</div>;
  }
  return (
    <article class={`bubble ${mine ? 'mine' : 'theirs'} ${message.authorKind}`}>
      {message.authorKind === 'assistant' && <Face avatar={context.avatar} name={assistantName} />}
      <span class="author">{author}</span>
      {mine ? message.parts.map((part) => <p class="plain" dir="auto">{part.content.text}</p>) : <Answer parts={message.parts} context={context} latest={latest} />}
      <time dateTime={message.createdAt}>{timeOf(message.createdAt, context.locale)}</time>
    </article>
  );
}
