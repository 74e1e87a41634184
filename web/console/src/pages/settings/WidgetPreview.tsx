import { IconMessage, IconSend } from "@parley/ui/icons";
import type { CSSProperties } from "react";
import { onColor } from "@/lib/onColor";
import { wd } from "@/strings/widgets";
import classes from "./WidgetPreview.module.css";

const words = wd.widget.preview;
type Props = { title: string; greeting: string; color: string; position: string; questions: string[]; person: boolean };

/** How it will look, while it is typed. */
export function WidgetPreview({ title, greeting, color, position, questions, person }: Props) {
  const brand = /^#[0-9a-f]{6}$/i.test(color) ? color : "#007378";
  const style = { "--brand": brand, "--on-brand": onColor(brand) } as CSSProperties;
  return (
    <figure className={classes.preview} style={style} data-position={position}>
      <figcaption className={classes.caption}>{words.caption}</figcaption>
      <div className={classes.page} aria-hidden>
        <div className={classes.window}>
          <div className={classes.head}>{title || words.title}</div>
          <div className={classes.body} dir="auto">
            <div className={classes.bubble}>{greeting}</div>
            {questions.slice(0, 6).map((q, i) => (
              <span key={i} className={classes.question}>
                {q}
              </span>
            ))}
          </div>
          <div className={classes.foot}>
            <span className={classes.field}>{words.field}</span>
            {person && <span className={classes.person}>{words.person}</span>}
            <span className={classes.send}>
              <IconSend size={14} />
            </span>
          </div>
        </div>
        <span className={classes.launcher}>
          <IconMessage size={22} />
        </span>
      </div>
    </figure>
  );
}
