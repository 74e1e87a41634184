import { type VNode } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Controller } from './controller';
import { Face } from './face';
import { Markdown } from './markdown';
import { Bubble, Sources, Suggestions, type Context } from './messages';
import type { Strings } from './strings';
import type { Citation, DocumentView } from './types';

const MAX_LENGTH = 8000;
type Source = { citation: Citation; document: DocumentView | null; failed: boolean };

export function App({ controller, t, locale }: { controller: Controller; t: Strings; locale: string }): VNode {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const [source, setSource] = useState<Source | null>(null);
  const [notice, setNotice] = useState('');
  // Before the first paint, which a hidden frame never has: no change of state may fall between.
  useLayoutEffect(() => controller.subscribe(() => redraw(undefined as never)), [controller]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      if (source) setSource(null); else controller.close();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [source, controller]);

  const openSource = (citation: Citation): void => {
    if (citation.url && /^https?:/i.test(citation.url)) {
      window.open(citation.url + (citation.anchor ? `#${citation.anchor}` : ''), '_blank', 'noopener,noreferrer');
      return;
    }
    const opened: Source = { citation, document: null, failed: false };
    setSource(opened);
    // What comes after the customer has gone back, or on to another source, opens nothing any more.
    const show = (came: Partial<Source>): void => setSource((now) => (now === opened ? { ...opened, ...came } : now));
    controller.document(citation.documentId).then((document) => show({ document }), () => show({ failed: true }));
  };
  const copy = (text: string): void => void navigator.clipboard?.writeText(text).then(() => { setNotice(t.copied); setTimeout(() => setNotice(''), 2000); });
  const context: Context = { t, openSource, copy, locale, send: (text) => void controller.send(text), avatar: controller.config.avatar };
  const { state } = controller;
  const agent = state.conversation?.owner === 'agent';
  const { avatar } = controller.config;
  const logo = controller.config.brand?.logo;

  return (
    <div class="frame">
      <header>
        {!agent && (logo && !avatar?.url ? <img class="logo" src={logo} alt="" width={36} height={36} /> : <Face avatar={avatar} name={controller.config.assistantName || t.assistant} />)}
        <div class="heading">
          <h1>{controller.config.title || t.title}</h1>
          <p>{agent ? t.personLabel(state.conversation?.agentName ?? t.team) : state.conversation?.owner === 'queue' ? t.waitingLabel : t.aiLabel}</p>
        </div>
        <button type="button" class="icon" aria-label={t.close} onClick={() => controller.close()}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18" /></svg>
        </button>
      </header>
      {controller.connection === 'lost' && <div class="banner" role="status">{navigator.onLine ? t.reconnecting : t.offline}</div>}
      {source ? <SourceView source={source} t={t} back={() => setSource(null)} /> : <Talk controller={controller} context={context} />}
      <div class="visually-hidden" role="status">{notice}</div>
    </div>
  );
}

function Talk({ controller, context }: { controller: Controller; context: Context }): VNode {
  const { state, config } = controller;
  const { t } = context;
  const end = useRef<HTMLDivElement>(null);
  const assistantName = config.assistantName || t.assistant;
  const size = state.messages.length + state.outgoing.length + (state.turn?.text.length ?? 0);
  useLayoutEffect(() => end.current?.scrollIntoView({ block: 'end' }), [size, state.waiting, state.offer, state.conversation?.status]);

  if (controller.phase === 'failed') {
    return <div class="center"><p>{t.loadFailed}</p><button type="button" class="primary" onClick={() => void controller.load()}>{t.retry}</button></div>;
  }
  const fresh = state.messages.length === 0 && state.outgoing.length === 0;
  return (
    <>
      <main class="scroll">
       <div class="log" role="log" aria-label={t.log} aria-busy={controller.phase === 'loading'} tabIndex={0}>
        {controller.phase === 'loading' && <div class="skeleton" aria-hidden="true"><i /><i /><i /></div>}
        {controller.phase === 'ready' && (
          <article class="bubble theirs assistant"><Face avatar={config.avatar} name={assistantName} /><span class="author">{assistantName}</span><div dir="auto"><Markdown text={config.greeting} /></div></article>
        )}
        {fresh && controller.phase === 'ready' && config.suggestedQuestions.length > 0 && (
          <Suggestions texts={config.suggestedQuestions} send={context.send} />
        )}
        {state.messages.map((message, at) => <Bubble key={message.id} message={message} context={context} assistantName={assistantName} latest={at === state.messages.length - 1 && state.outgoing.length === 0 && !state.waiting && state.conversation?.status === 'open'} />)}
        {state.outgoing.map((message) => (
          <article class="bubble mine" key={message.clientId}>
            <span class="author">{t.you}</span>
            <p class="plain" dir="auto">{message.text}</p>
            <time class={message.state === 'failed' ? 'error' : ''}>{message.state === 'sending' ? t.sending : message.state === 'queued' ? t.queued : (message.error ?? t.failed)}</time>
            {message.state === 'failed' && <button type="button" class="link" onClick={() => void controller.retry(message.clientId)}>{t.retry}</button>}
          </article>
        ))}
        {state.waiting && !state.turn && <div class="thinking"><span aria-hidden="true"><i /><i /><i /></span>{t.thinking}</div>}
        {state.turn && (
          <article class="bubble theirs assistant" aria-busy="true">
            <Face avatar={config.avatar} name={assistantName} />
            <span class="author">{assistantName}</span>
            {state.turn.text ? <div dir="auto"><Markdown text={state.turn.text} /></div> : <div class="thinking"><span aria-hidden="true"><i /><i /><i /></span>{t.thinking}</div>}
            <Sources sources={state.turn.sources} context={context} />
          </article>
        )}
        <HandoffStatus controller={controller} t={t} />
        {state.offer && config.features.person && state.conversation?.owner === 'assistant' && state.conversation.status === 'open' && (
          <Offer controller={controller} t={t} />
        )}
        {state.agentTyping && <div class="thinking"><span aria-hidden="true"><i /><i /><i /></span>{t.typing(state.conversation?.agentName ?? t.team)}</div>}
        {state.conversation?.status === 'closed' && <Closed controller={controller} t={t} />}
        <div ref={end} />
       </div>
      </main>
      {state.conversation?.status !== 'closed' && <Composer controller={controller} t={t} />}
    </>
  );
}

/** Where the brand leads: nothing but http and e-mail addresses come from the server. */
function BrandLinks({ config, t }: { config: Controller['config']; t: Strings }): VNode | null {
  const { brand } = config;
  if (!brand?.supportAddress && !brand?.privacyUrl && !brand?.termsUrl) return null;
  return (
    <span class="brand">
      {brand.supportAddress && <a href={`mailto:${brand.supportAddress}`} title={brand.supportAddress}>{t.mail}</a>}
      {brand.privacyUrl && <a href={brand.privacyUrl} target="_blank" rel="noopener noreferrer">{t.privacy}</a>}
      {brand.termsUrl && <a href={brand.termsUrl} target="_blank" rel="noopener noreferrer">{t.terms}</a>}
    </span>
  );
}

/** Runs an action once at a time and says when it failed. */
function Act({ run, label, kind, t }: { run: () => Promise<void>; label: string; kind: string; t: Strings }): VNode {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const act = (): void => {
    setBusy(true);
    setFailed(false);
    run().catch(() => setFailed(true)).finally(() => setBusy(false));
  };
  return <><button type="button" class={kind} disabled={busy} onClick={act}>{label}</button>{failed && <span class="error" role="alert">{t.failed}</span>}</>;
}

function Offer({ controller, t }: { controller: Controller; t: Strings }): VNode {
  return <div class="offer"><Act t={t} kind="primary" label={t.offerPerson} run={() => controller.requestPerson()} /></div>;
}

/** The place in the queue, kept current, and the way out of it. What happened is told by messages in the conversation. */
function HandoffStatus({ controller, t }: { controller: Controller; t: Strings }): VNode | null {
  const { conversation } = controller.state;
  const handoff = conversation?.handoff;
  if (!handoff || conversation.status === 'closed' || conversation.owner !== 'queue') return null;
  return (
    <div class="system" role="status">
      {handoff.position ? t.position(handoff.position) : t.waitingLabel}
      <Act t={t} kind="link" label={t.cancelHandoff} run={() => controller.cancelPerson()} />
    </div>
  );
}

function Composer({ controller, t }: { controller: Controller; t: Strings }): VNode {
  const [text, setText] = useState(controller.draft);
  const [menu, setMenu] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const tooLong = text.length > MAX_LENGTH;
  useEffect(() => { if (controller.open) box.current?.focus(); }, [controller.open]);
  useLayoutEffect(() => {
    const area = box.current;
    if (area) { area.style.blockSize = 'auto'; area.style.blockSize = `${Math.min(area.scrollHeight, 140)}px`; }
  }, [text]);
  const send = (): void => {
    if (!text.trim() || tooLong) return;
    void controller.send(text);
    setText('');
    controller.draft = '';
    box.current?.focus();
  };
  const { conversation } = controller.state;
  return (
    <footer>
      <form onSubmit={(event) => { event.preventDefault(); send(); }}>
        <textarea
          ref={box} rows={1} dir="auto" value={text} placeholder={t.placeholder} aria-label={t.messageLabel} aria-invalid={tooLong} aria-describedby={tooLong ? 'too-long' : undefined}
          onInput={(event) => { setText(event.currentTarget.value); controller.draft = event.currentTarget.value; controller.typing(); }}
          onKeyDown={(event) => { if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); } }}
        />
        <button type="submit" class="icon send" aria-label={t.send} disabled={!text.trim() || tooLong}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 12l16-8-6 16-3-6z" /></svg>
        </button>
      </form>
      {tooLong && <p id="too-long" class="error" role="alert">{t.tooLong(MAX_LENGTH)}</p>}
      <div class="actions">
        {controller.config.features.person && (!conversation || conversation.owner === 'assistant') && <Act t={t} kind="link" label={t.offerPerson} run={() => controller.requestPerson()} />}
        {conversation && !menu && <button type="button" class="link" onClick={() => setMenu(true)}>{t.end}</button>}
        {conversation && menu && (
          <span role="group" aria-label={t.endSure}>{t.endSure} <Act t={t} kind="link" label={t.yes} run={() => controller.end().then(() => setMenu(false))} /> <button type="button" class="link" onClick={() => setMenu(false)}>{t.no}</button></span>
        )}
        <BrandLinks config={controller.config} t={t} />
      </div>
    </footer>
  );
}

function Closed({ controller, t }: { controller: Controller; t: Strings }): VNode {
  const [rating, setRating] = useState(0);
  const [comment, setComment] = useState('');
  const [failed, setFailed] = useState(false);
  const rated = controller.state.conversation?.rating;
  return (
    <section class="closed">
      <p>{t.closed}</p>
      {rated ? <p role="status">{t.thanks}</p> : controller.config.features.rating && (
        <form onSubmit={(event) => { event.preventDefault(); setFailed(false); controller.rate(rating, comment).catch(() => setFailed(true)); }}>
          <fieldset>
            <legend>{t.rate}</legend>
            <div class="stars">
              {[1, 2, 3, 4, 5].map((n) => (
                <label class={n <= rating ? 'on' : ''}>
                  <input type="radio" name="rating" value={n} checked={rating === n} onChange={() => setRating(n)} aria-label={t.stars(n)} />
                  <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3l2.7 5.9 6.3.7-4.7 4.3 1.3 6.3L12 17l-5.6 3.2 1.3-6.3L3 9.6l6.3-.7z" /></svg>
                </label>
              ))}
            </div>
          </fieldset>
          {rating > 0 && <textarea rows={2} maxLength={2000} value={comment} placeholder={t.comment} aria-label={t.comment} onInput={(event) => setComment(event.currentTarget.value)} />}
          {rating > 0 && <button type="submit" class="primary">{t.submit}</button>}
          {failed && <p class="error" role="alert">{t.failed}</p>}
        </form>
      )}
      <button type="button" class="link" onClick={() => controller.startNew()}>{t.startNew}</button>
    </section>
  );
}

function SourceView({ source, t, back }: { source: Source; t: Strings; back: () => void }): VNode {
  const target = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { if (target.current) target.current.scrollIntoView({ block: 'start' }); else heading.current?.focus(); }, [source.document]);
  const cited = source.document?.sections.findIndex((section) => section.anchor === source.citation.anchor) ?? -1;
  return (
    <main class="source" tabIndex={-1}>
      <nav class="back"><button type="button" class="link" onClick={back}><span class="arrow" aria-hidden="true">←</span> {t.back}</button></nav>
      <h2 ref={heading} tabIndex={-1} dir="auto">{source.citation.title}</h2>
      {source.failed ? <p role="alert">{t.gone}</p> : !source.document ? <div class="skeleton" aria-hidden="true"><i /><i /><i /></div> : source.document.sections.map((section, index) => (
        <section class={index === cited ? 'cited' : ''} ref={index === cited ? target : null} dir="auto">
          {section.headingPath.length > 0 && <h3>{section.headingPath.at(-1)}</h3>}
          <Markdown text={section.text} />
        </section>
      ))}
    </main>
  );
}
