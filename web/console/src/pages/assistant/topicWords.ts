const [shortest, longest, most] = [2, 60, 200];

/** Words as they are typed, with commas between. */
export const toWords = (text: string): string[] => text.split(",").map((x) => x.trim()).filter((x) => x !== "");

export const isWords = (words: readonly string[]): boolean => words.length <= most && words.every((w) => w.length >= shortest && w.length <= longest);
