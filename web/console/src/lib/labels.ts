import { t } from "@/strings";

/** The catalogue's word for a value of the contract; a value this version does not know is shown readably rather than not at all. */
export function label(words: Record<string, string>, value: string | null | undefined): string {
  if (!value) return "";
  return words[value] ?? humanize(value);
}

/** "own_account.billing" and its like are a reason and a topic. */
export function reasonName(reason: string): string {
  const [kind = "", topic] = reason.split(".");
  const words = t.conversation.topicReasons[kind];
  return words && topic ? words(label(t.conversation.topics, topic)) : label(t.conversation.reasons, reason);
}

export function humanize(value: string): string {
  const text = value.replaceAll(/[_.:-]+/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function languageName(code: string | null | undefined): string {
  if (!code) return "";
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function byteSize(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return new Intl.NumberFormat(undefined, { style: "unit", unit: units[step] ?? "byte", unitDisplay: step === 0 ? "long" : "short", maximumFractionDigits: step === 0 || value >= 100 ? 0 : 1 }).format(value);
}
