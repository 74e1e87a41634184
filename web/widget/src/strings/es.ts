import type { Strings } from './en';

export const es: Strings = {
  title: 'Ayuda', close: 'Cerrar',
  privacy: 'Privacidad', terms: 'Condiciones', mail: 'Correo', aiLabel: 'Asistente de IA · responde con nuestra documentación',
  personLabel: (name) => `Está hablando con ${name}`, waitingLabel: 'Esperando a una persona', log: 'Conversación', you: 'Usted', assistant: 'Asistente', team: 'Equipo de ayuda',
  placeholder: 'Haga una pregunta…', messageLabel: 'Su mensaje', send: 'Enviar', tooLong: (max) => `Escriba como máximo ${max} caracteres.`,
  sending: 'Enviando…', queued: 'A la espera de conexión', failed: 'No enviado.', retry: 'Reintentar', thinking: 'Buscando…',
  next: 'También puede preguntar',
  sources: 'Fuentes', source: (n, title) => `Fuente ${n}: ${title}`, back: 'Volver a la conversación', gone: 'Este artículo ya no está disponible.',
  offerPerson: 'Hablar con una persona',
  position: (n) => (n === 1 ? 'Es usted el siguiente.' : `Es el número ${n} de la cola.`),
  cancelHandoff: 'Ya no necesito a una persona', typing: (name) => `${name} está escribiendo…`, closed: 'Esta conversación ha terminado.', startNew: 'Empezar otra conversación',
  end: 'Terminar la conversación', endSure: '¿Terminar esta conversación?', yes: 'Sí, terminar', no: 'No', rate: '¿Qué tal le hemos atendido?', stars: (n) => `${n} de 5`,
  comment: '¿Quiere añadir algo? (opcional)', submit: 'Enviar', thanks: 'Gracias por su opinión.',
  offline: 'No tiene conexión. Los mensajes se enviarán cuando vuelva.', reconnecting: 'Reconectando…',
  loadFailed: 'No se ha podido cargar la conversación.', unavailable: 'El chat de ayuda no está disponible en esta página.', copy: 'Copiar', copied: 'Copiado',
};
