// Runs on the customer's page. Owns the launcher and the `Parley()` function;
// everything else lives in an iframe of Parley's own origin, which this page cannot read and which cannot read this page.
import { style, icons } from './look';

type Command = [name: string, ...args: unknown[]];
interface Settings { key: string; origin: string; color?: string | undefined; position: 'start' | 'end'; label: string }

const script = document.currentScript as HTMLScriptElement | null;
const w = window as unknown as { Parley?: ((...args: unknown[]) => unknown) & { q?: Command[]; ready?: true } };

function start(settings: Settings): void {
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  // A constructed sheet is no inline style: the page's content security policy need not allow any.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const button = document.createElement('button');
  button.type = 'button';
  button.innerHTML = icons;
  button.setAttribute('aria-haspopup', 'dialog');
  button.setAttribute('aria-expanded', 'false');
  const badge = document.createElement('span');
  badge.className = 'badge';
  badge.hidden = true;
  button.append(badge);
  root.append(button);
  const listeners: Record<string, ((data?: unknown) => void)[]> = {};
  let frame: HTMLIFrameElement | undefined;
  let port: MessagePort | undefined;
  const waiting: unknown[] = [];

  const paint = (color?: string): void => {
    if (color && /^#[0-9a-f]{6}$/i.test(color)) {
      host.style.setProperty('--parley', color);
      const [r, g, b] = [1, 3, 5].map((at) => (parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2) as [number, number, number];
      host.style.setProperty('--on-parley', 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.36 ? '#111' : '#fff');
    }
  };
  const emit = (name: string, data?: unknown): void => listeners[name]?.forEach((listener) => listener(data));
  const tell = (message: unknown): void => { if (port) port.postMessage(message); else waiting.push(message); };
  const label = (open: boolean): void => button.setAttribute('aria-label', open ? 'Close support' : settings.label);

  const build = (): void => {
    if (frame) return;
    frame = document.createElement('iframe');
    frame.title = settings.label;
    frame.allow = 'microphone; camera; display-capture; clipboard-write';
    frame.src = `${settings.origin}/widget/v1/frame?key=${encodeURIComponent(settings.key)}`;
    frame.hidden = true;
    frame.onload = () => {
      // A private channel: nobody else on this page can listen or speak. The target is Parley's exact origin.
      const channel = new MessageChannel();
      port = channel.port1;
      port.onmessage = ({ data }: MessageEvent<{ type: string; count?: number; event?: string; data?: unknown }>) => {
        if (data.type === 'close') show(false);
        else if (data.type === 'unread') { badge.hidden = !data.count; badge.textContent = String(data.count ?? ''); }
        else if (data.type === 'event' && data.event) emit(data.event, data.data);
      };
      frame?.contentWindow?.postMessage({ type: 'parley:hello' }, settings.origin, [channel.port2]);
      waiting.splice(0).forEach(tell);
      if (!frame?.hidden) tell({ type: 'opened' }); // It may have begun anew as another person.
    };
    root.append(frame);
  };
  const show = (open: boolean): void => {
    build();
    if (!frame || frame.hidden === !open) return;
    frame.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    button.classList.toggle('open', open);
    label(open);
    tell({ type: open ? 'opened' : 'closed' });
    if (open) frame.focus(); else button.focus();
    emit(open ? 'open' : 'close');
  };

  const commands: Record<string, (...args: never[]) => unknown> = {
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!frame || frame.hidden),
    ask: (text: string) => { show(true); tell({ type: 'ask', text: String(text) }); },
    identify: (token: string) => tell({ type: 'identify', token: String(token) }),
    logout: () => { build(); tell({ type: 'logout' }); },
    on: (name: string, listener: () => void) => { (listeners[name] ??= []).push(listener); },
    shutdown: () => { host.remove(); delete w.Parley; },
  };
  const run = ([name, ...args]: Command): unknown => {
    const command = commands[name];
    if (!command) return console.error(`Parley: there is no command "${name}". Known: ${Object.keys(commands).join(', ')}.`);
    return command(...(args as never[]));
  };

  if (settings.position === 'start') host.className = 'start';
  label(false);
  button.onclick = () => run(['toggle']);
  button.onpointerenter = build; // The frame is ready by the time of the click.
  paint(settings.color);
  (document.body ?? document.documentElement).append(host);
  const queued = w.Parley?.q ?? [];
  w.Parley = Object.assign((...args: unknown[]) => run(args as Command), { ready: true as const });
  queued.forEach((command) => run(Array.from(command) as Command));

  // Colour and position come from the console, so that a change there needs no change here.
  fetch(`${settings.origin}/v1/widget/config?key=${encodeURIComponent(settings.key)}`, { credentials: 'omit' })
    .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`${response.status}`))))
    .then((config: { color?: string; position?: string; title?: string }) => {
      paint(settings.color ?? config.color);
      if (config.position === 'start') host.className = 'start';
      if (config.title) { settings.label = config.title; label(button.classList.contains('open')); }
    })
    .catch((error: Error) => console.warn(`Parley: the widget's settings could not be read (${error.message}). Check data-key and the allowed origins.`));
}

if (!w.Parley?.ready) {
  const key = script?.dataset.key;
  if (!script || !key) console.error('Parley: the script tag needs data-key="pw_…" (console, Settings, Widget).');
  else {
    const go = (): void => start({
      key, origin: new URL(script.src).origin, color: script.dataset.color,
      position: script.dataset.position === 'start' ? 'start' : 'end', label: script.dataset.label ?? 'Open support',
    });
    if (document.body) go(); else addEventListener('DOMContentLoaded', go, { once: true });
  }
}
