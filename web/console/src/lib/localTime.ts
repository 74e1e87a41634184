/** A moment as a field of kind datetime-local holds it: without a zone, in the reader's own. */
export function localInput(at: string | null): string {
  const value = at === null ? Number.NaN : Date.parse(at);
  if (Number.isNaN(value)) return "";
  return new Date(value - new Date(value).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
