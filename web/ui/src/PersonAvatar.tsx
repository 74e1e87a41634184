import type { ReactNode } from "react";
import classes from "./PersonAvatar.module.css";

/** First letters of the first and last word, by grapheme, so that any script works. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = (word: string | undefined) => [...new Intl.Segmenter().segment(word ?? "")][0]?.segment ?? "";
  const last = words.length > 1 ? words.at(-1) : undefined;
  return (first(words[0]) + first(last)).toUpperCase();
}

/** Decorative: the name always stands beside it. */
export function PersonAvatar(props: { name: string; kind: "customer" | "assistant" | "agent" | "system"; size?: number; icon?: ReactNode }) {
  const size = props.size ?? 28;
  return (
    <span className={classes.avatar} data-kind={props.kind} style={{ inlineSize: size, blockSize: size, fontSize: size * 0.39 }} aria-hidden>
      {props.icon ?? initials(props.name)}
    </span>
  );
}
