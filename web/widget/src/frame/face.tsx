import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { isColor, onColor } from './color';
import type { Config } from './types';

/** First letters of the first and the last word, whatever the script. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => [...(word ?? '')][0] ?? '').join('').toUpperCase();
}

/** The assistant's picture, or its initials on a colour. Decorative: its name is said beside it. */
export function Face({ avatar, name }: { avatar: Config['avatar']; name: string }): VNode {
  const [gone, setGone] = useState(false);
  if (avatar?.url && !gone) return <img class="face" src={avatar.url} alt="" onError={() => setGone(true)} />;
  const color = avatar && isColor(avatar.color) ? avatar.color : null;
  return <span class="face" aria-hidden="true" style={color ? { background: color, color: onColor(color) } : undefined}>{avatar?.initials || initialsOf(name)}</span>;
}
