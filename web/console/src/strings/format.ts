const plural = new Intl.PluralRules("en");
export const number = new Intl.NumberFormat("en");

/** "1 document", "1,204 documents". */
export function count(n: number, one: string, other: string): string {
  return `${number.format(n)} ${plural.select(n) === "one" ? one : other}`;
}

export const documents = (n: number) => count(n, "document", "documents");
