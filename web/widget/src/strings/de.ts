import type { Strings } from './en';

export const de: Strings = {
  title: 'Support', close: 'Schließen',
  privacy: 'Datenschutz', terms: 'Nutzungsbedingungen', mail: 'E-Mail', aiLabel: 'KI-Assistent · antwortet aus unserer Dokumentation',
  personLabel: (name) => `Sie sprechen mit ${name}`, waitingLabel: 'Wartet auf eine Person', log: 'Unterhaltung', you: 'Sie', assistant: 'Assistent', team: 'Support-Team',
  placeholder: 'Frage stellen …', messageLabel: 'Ihre Nachricht', send: 'Senden', tooLong: (max) => `Bitte höchstens ${max} Zeichen.`,
  sending: 'Wird gesendet …', queued: 'Wartet auf eine Verbindung', failed: 'Nicht gesendet.', retry: 'Erneut versuchen', thinking: 'Ich sehe nach …',
  next: 'Vielleicht auch interessant',
  sources: 'Quellen', source: (n, title) => `Quelle ${n}: ${title}`, back: 'Zurück zur Unterhaltung', gone: 'Dieser Artikel ist nicht mehr verfügbar.',
  offerPerson: 'Mit einer Person sprechen',
  position: (n) => (n === 1 ? 'Sie sind als Nächstes dran.' : `Sie sind Nummer ${n} in der Warteschlange.`),
  cancelHandoff: 'Ich brauche keine Person mehr', typing: (name) => `${name} schreibt …`, closed: 'Diese Unterhaltung ist beendet.', startNew: 'Neue Unterhaltung beginnen',
  end: 'Unterhaltung beenden', endSure: 'Diese Unterhaltung beenden?', yes: 'Ja, beenden', no: 'Nein', rate: 'Wie war es?', stars: (n) => `${n} von 5`,
  comment: 'Möchten Sie etwas hinzufügen? (freiwillig)', submit: 'Absenden', thanks: 'Danke für Ihre Rückmeldung.',
  offline: 'Sie sind offline. Nachrichten werden gesendet, sobald Sie wieder verbunden sind.', reconnecting: 'Verbindung wird wiederhergestellt …',
  loadFailed: 'Die Unterhaltung konnte nicht geladen werden.', unavailable: 'Der Support-Chat ist auf dieser Seite nicht verfügbar.', copy: 'Kopieren', copied: 'Kopiert',
};
