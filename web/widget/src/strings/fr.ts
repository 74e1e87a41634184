import type { Strings } from './en';

export const fr: Strings = {
  title: 'Assistance', close: 'Fermer',
  privacy: 'Confidentialité', terms: 'Conditions', mail: 'E-mail', aiLabel: 'Assistant IA · répond à partir de notre documentation',
  personLabel: (name) => `Vous parlez avec ${name}`, waitingLabel: 'En attente d’une personne', log: 'Conversation', you: 'Vous', assistant: 'Assistant', team: 'Équipe d’assistance',
  placeholder: 'Posez une question…', messageLabel: 'Votre message', send: 'Envoyer', tooLong: (max) => `${max} caractères au maximum.`,
  sending: 'Envoi…', queued: 'En attente de connexion', failed: 'Non envoyé.', retry: 'Réessayer', thinking: 'Je cherche…',
  next: 'Vous pouvez aussi demander',
  sources: 'Sources', source: (n, title) => `Source ${n} : ${title}`, back: 'Retour à la conversation', gone: 'Cet article n’est plus disponible.',
  offerPerson: 'Parler à une personne',
  position: (n) => (n === 1 ? 'Vous êtes le prochain.' : `Vous êtes numéro ${n} dans la file.`),
  cancelHandoff: 'Je n’ai plus besoin d’une personne', typing: (name) => `${name} écrit…`, closed: 'Cette conversation est terminée.', startNew: 'Commencer une conversation',
  end: 'Terminer la conversation', endSure: 'Terminer cette conversation ?', yes: 'Oui, terminer', no: 'Non', rate: 'Comment était-ce ?', stars: (n) => `${n} sur 5`,
  comment: 'Souhaitez-vous ajouter quelque chose ? (facultatif)', submit: 'Envoyer', thanks: 'Merci pour votre avis.',
  offline: 'Vous êtes hors ligne. Les messages partiront à votre retour.', reconnecting: 'Reconnexion…',
  loadFailed: 'La conversation n’a pas pu être chargée.', unavailable: 'L’assistance n’est pas disponible sur cette page.', copy: 'Copier', copied: 'Copié',
};
