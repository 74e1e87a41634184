import type { Strings } from './en';

export const de: Strings = {
  title: 'Support', close: 'Schließen', aiLabel: 'KI-Assistent · antwortet aus unserer Dokumentation',
  personLabel: (name) => `Sie sprechen mit ${name}`, waitingLabel: 'Wartet auf eine Person', log: 'Unterhaltung', you: 'Sie', assistant: 'Assistent', team: 'Support-Team',
  placeholder: 'Frage stellen …', messageLabel: 'Ihre Nachricht', send: 'Senden', tooLong: (max) => `Bitte höchstens ${max} Zeichen.`,
  sending: 'Wird gesendet …', queued: 'Wartet auf eine Verbindung', failed: 'Nicht gesendet.', retry: 'Erneut versuchen', thinking: 'Ich sehe nach …',
  sources: 'Quellen', source: (n, title) => `Quelle ${n}: ${title}`, openSource: 'Quelle öffnen', back: 'Zurück zur Unterhaltung', gone: 'Dieser Artikel ist nicht mehr verfügbar.',
  offerPerson: 'Mit einer Person sprechen', offerText: 'Möchten Sie mit einer Person sprechen?', requested: 'Wir haben das Team gebeten. Eine Person wird hier antworten.',
  position: (n) => (n === 1 ? 'Sie sind als Nächstes dran.' : `Sie sind Nummer ${n} in der Warteschlange.`),
  outOfHours: 'Das Team ist gerade nicht da. Ihre Anfrage bleibt erhalten, und eine Person antwortet hier, sobald sie zurück ist.',
  joined: (name) => `${name} ist da.`, returned: 'Der Assistent ist wieder für Sie da.', expired: 'Noch konnte niemand übernehmen. Ihre Anfrage bleibt offen.',
  cancelHandoff: 'Ich brauche keine Person mehr', typing: (name) => `${name} schreibt …`, closed: 'Diese Unterhaltung ist beendet.', startNew: 'Neue Unterhaltung beginnen',
  end: 'Unterhaltung beenden', endSure: 'Diese Unterhaltung beenden?', yes: 'Ja, beenden', no: 'Nein', rate: 'Wie war es?', stars: (n) => `${n} von 5`,
  comment: 'Möchten Sie etwas hinzufügen? (freiwillig)', submit: 'Absenden', thanks: 'Danke für Ihre Rückmeldung.',
  offline: 'Sie sind offline. Nachrichten werden gesendet, sobald Sie wieder verbunden sind.', reconnecting: 'Verbindung wird wiederhergestellt …',
  loadFailed: 'Die Unterhaltung konnte nicht geladen werden.', unavailable: 'Der Support-Chat ist auf dieser Seite nicht verfügbar.', copy: 'Kopieren', copied: 'Kopiert', menu: 'Mehr',
};
