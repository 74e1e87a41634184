/** Numbers as they are typed: nothing stands for "the default" or "never", a comma may stand for the point. */
export const amount = (text: string): number | null => (text.trim() === "" ? null : Number(text.trim().replace(",", ".")));

export const fraction = amount;

export const isFraction = (text: string): boolean => {
  const n = amount(text);
  return n === null || (n >= 0 && n <= 1);
};

export const isAmount = (text: string): boolean => {
  const n = amount(text);
  return n === null || n >= 0;
};

export const isWhole = (text: string, from: number, to: number): boolean => /^\d+$/.test(text.trim()) && Number(text) >= from && Number(text) <= to;
