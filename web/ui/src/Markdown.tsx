import { createContext, Fragment, use, type ReactNode } from "react";
import { parseMarkdown, type Block, type Inline } from "./markdown.ts";
import classes from "./Markdown.module.css";

/** What stands for a citation mark such as [1]; without it, the mark is shown as it is written. */
type RenderMark = (n: number) => ReactNode;
const MarkContext = createContext<RenderMark | null>(null);

/** Shows the safe subset. `after` follows the last block's text. */
export function Markdown({ text, after, mark }: { text: string; after?: ReactNode; mark?: RenderMark }) {
  const blocks = parseMarkdown(text);
  const last = blocks.at(-1);
  const inside = last?.kind === "paragraph";
  return (
    <MarkContext value={mark ?? null}>
      <div className={classes.markdown} dir="auto">
        {blocks.map((b, i) => (
          <BlockView key={i} block={b} after={inside && b === last ? after : undefined} />
        ))}
        {!inside && after}
      </div>
    </MarkContext>
  );
}

function BlockView({ block, after }: { block: Block; after?: ReactNode }) {
  switch (block.kind) {
    case "paragraph":
      return (
        <p>
          {block.lines.map((l, i) => (
            <span key={i}>
              {i > 0 && "\n"}
              <Inlines nodes={l} />
            </span>
          ))}
          {after}
        </p>
      );
    case "heading":
      return (
        <p className={classes.heading}>
          <Inlines nodes={block.children} />
        </p>
      );
    case "code":
      return (
        <pre tabIndex={0} dir="ltr">
          <code>{block.text}</code>
        </pre>
      );
    case "quote":
      return (
        <blockquote>
          {block.blocks.map((b, i) => (
            <BlockView key={i} block={b} />
          ))}
        </blockquote>
      );
    case "rule":
      return <hr />;
    case "table":
      return (
        <div className={classes.scroll} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {block.head.map((c, i) => (
                  <th key={i}>
                    <Inlines nodes={c} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((r, i) => (
                <tr key={i}>
                  {r.map((c, n) => (
                    <td key={n}>
                      <Inlines nodes={c} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "list": {
      const items = block.items.map((blocks, i) => (
        <li key={i}>
          {blocks.map((b, n) => (
            <BlockView key={n} block={b} />
          ))}
        </li>
      ));
      return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

function Marked({ text }: { text: string }): ReactNode {
  const mark = use(MarkContext);
  if (!mark) return text;
  return text.split(/\[(\d{1,3})\]/).map((piece, i) => (i % 2 === 0 ? piece : <Fragment key={i}>{mark(Number(piece))}</Fragment>));
}

function Inlines({ nodes }: { nodes: readonly Inline[] }): ReactNode {
  return nodes.map((n, i) => {
    switch (n.kind) {
      case "text":
        return <Marked key={i} text={n.text} />;
      case "code":
        return <code key={i}>{n.text}</code>;
      case "strong":
        return (
          <strong key={i}>
            <Inlines nodes={n.children} />
          </strong>
        );
      case "em":
        return (
          <em key={i}>
            <Inlines nodes={n.children} />
          </em>
        );
      case "link":
        return (
          <a key={i} href={n.href} target="_blank" rel="noopener noreferrer nofollow">
            <Inlines nodes={n.children} />
          </a>
        );
    }
  });
}
