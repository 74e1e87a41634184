import type { Strings } from './en';

export const ar: Strings = {
  title: 'الدعم', close: 'إغلاق',
  privacy: 'الخصوصية', terms: 'الشروط', mail: 'البريد الإلكتروني', aiLabel: 'مساعد ذكاء اصطناعي · يجيب من وثائقنا',
  personLabel: (name) => `أنت تتحدث مع ${name}`, waitingLabel: 'في انتظار موظف', log: 'المحادثة', you: 'أنت', assistant: 'المساعد', team: 'فريق الدعم',
  placeholder: 'اكتب سؤالك…', messageLabel: 'رسالتك', send: 'إرسال', tooLong: (max) => `الحد الأقصى ${max} حرفًا.`,
  sending: 'جارٍ الإرسال…', queued: 'في انتظار الاتصال', failed: 'لم تُرسل.', retry: 'إعادة المحاولة', thinking: 'جارٍ البحث…',
  next: 'يمكنك أن تسأل أيضًا',
  sources: 'المصادر', source: (n, title) => `المصدر ${n}: ${title}`, back: 'العودة إلى المحادثة', gone: 'لم تعد هذه المقالة متاحة.',
  offerPerson: 'التحدث إلى موظف',
  position: (n) => (n === 1 ? 'أنت التالي.' : `رقمك في الانتظار ${n}.`),
  cancelHandoff: 'لم أعد بحاجة إلى موظف', typing: (name) => `${name} يكتب…`, closed: 'انتهت هذه المحادثة.', startNew: 'بدء محادثة جديدة',
  end: 'إنهاء المحادثة', endSure: 'هل تريد إنهاء هذه المحادثة؟', yes: 'نعم، إنهاء', no: 'لا', rate: 'كيف كانت تجربتك؟', stars: (n) => `${n} من 5`,
  comment: 'هل تريد إضافة شيء؟ (اختياري)', submit: 'إرسال', thanks: 'شكرًا على رأيك.',
  offline: 'أنت غير متصل. ستُرسل الرسائل عند عودة الاتصال.', reconnecting: 'جارٍ إعادة الاتصال…',
  loadFailed: 'تعذر تحميل المحادثة.', unavailable: 'الدعم غير متاح في هذه الصفحة.', copy: 'نسخ', copied: 'تم النسخ',
};
