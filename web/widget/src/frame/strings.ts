import { en, type Strings } from '../strings/en';

// Each language is a chunk of its own, loaded only where it is wanted.
const others: Record<string, () => Promise<Strings>> = {
  de: async () => (await import('../strings/de')).de,
  es: async () => (await import('../strings/es')).es,
  fr: async () => (await import('../strings/fr')).fr,
  ar: async () => (await import('../strings/ar')).ar,
};

export async function stringsFor(locale: string): Promise<Strings> {
  const language = locale.toLowerCase().split('-')[0] ?? 'en';
  const load = others[language];
  return load ? load().catch(() => en) : en;
}

export const directionOf = (locale: string): 'rtl' | 'ltr' => (/^(ar|he|fa|ur)\b/i.test(locale) ? 'rtl' : 'ltr');
export { en, type Strings };
