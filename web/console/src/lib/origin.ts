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
