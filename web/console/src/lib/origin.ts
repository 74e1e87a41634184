/** The exact origin of what was typed, or null when it is none: a path, a wildcard or a scheme other than http(s). */
export function toOrigin(input: string): string | null {
  const text = input.trim();
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
    const bare = (url.pathname === "/" || url.pathname === "") && !url.search && !url.hash && !url.username;
    if (!bare || !/^https?:$/.test(url.protocol) || url.hostname.includes("*")) return null;
    return /\.|^localhost$|^\[/.test(url.hostname) ? url.origin : null;
  } catch {
    return null;
  }
}

/** The whole address of a page as it was typed, with https:// where nothing was said; null for what no browser could open. */
export function toAddress(text: string): string | null {
  const typed = text.trim();
  if (typed === "" || /\s/.test(typed)) return null;
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`);
    return (url.protocol === "https:" || url.protocol === "http:") && url.username === "" ? url.href : null;
  } catch {
    return null;
  }
}
