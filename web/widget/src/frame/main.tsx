import { render } from 'preact';
import { Api } from './api';
import { App } from './app';
import { isColor, onColor } from './color';
import { Controller } from './controller';
import { directionOf, en, stringsFor } from './strings';
import './styles.css';

/**
 * The channel that the loader hands over as soon as the frame has loaded, which is before the settings have come: whoever listened only then would never
 * hear of it. Only the parent window, on an origin that this widget allows, may hand one over.
 */
function channelOf(parentOrigins: readonly string[]): Promise<MessagePort> {
  return new Promise((resolve) => {
    addEventListener('message', (event: MessageEvent<{ type?: string }>) => {
      if (event.source === window.parent && event.data?.type === 'parley:hello' && parentOrigins.includes(event.origin) && event.ports[0]) resolve(event.ports[0]);
    });
  });
}

async function start(root: HTMLElement): Promise<void> {
  const channel = channelOf((document.querySelector('meta[name="parley-origins"]')?.getAttribute('content') ?? location.origin).split(' '));
  const locale = navigator.language || 'en';
  const key = new URLSearchParams(location.search).get('key') ?? '';
  const strings = await stringsFor(locale);
  const language = strings === en ? 'en' : locale;
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  const api = new Api(key, locale);
  try {
    const config = await api.config();
    if (isColor(config.color)) {
      document.documentElement.style.setProperty('--brand', config.color);
      document.documentElement.style.setProperty('--on-brand', onColor(config.color));
    }
    document.title = config.title || strings.title;
    const controller = new Controller(api, config);
    controller.listen(channel);
    render(<App controller={controller} t={strings} locale={language} />, root);
    await controller.load();
  } catch {
    render(<div class="frame"><div class="center"><p role="alert">{strings.unavailable}</p></div></div>, root);
  }
}

const root = document.getElementById('app');
if (root) void start(root);
