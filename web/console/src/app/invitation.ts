const mark = "#join=";

/** The code is in the fragment, which no browser sends to any server and no proxy writes down. */
export const invitationLink = (code: string) => `${window.location.origin}/console/${mark}${code}`;

/** The code of an invitation, given alone or as the whole link; null when there is none. */
export function invitationCode(text: string): string | null {
  const at = text.indexOf(mark);
  const code = (at < 0 ? text : text.slice(at + mark.length)).trim();
  return code === "" ? null : code;
}

/** What the address invites to; null for an ordinary visit. */
export const invitedBy = () => (window.location.hash.startsWith(mark) ? invitationCode(window.location.hash) : null);

const passwordMark = "#password=";

/** With it a member chooses a new password; in the fragment for the same reason. */
export const passwordLink = (code: string) => `${window.location.origin}/console/${passwordMark}${code}`;

/** The code of such a link in the address; null for an ordinary visit. */
export const passwordLinkOpened = () => (window.location.hash.startsWith(passwordMark) ? window.location.hash.slice(passwordMark.length) : null);
