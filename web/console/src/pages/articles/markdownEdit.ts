/** A text field's content and what is selected in it. */
export type Field = { text: string; start: number; end: number };
export type Mark = "bold" | "italic" | "heading" | "list" | "code" | "link";

const around: Partial<Record<Mark, string>> = { bold: "**", italic: "_" };

/** The field after a button of the toolbar: marks go around the selection or before its lines, and a second press takes them away. */
export function apply(mark: Mark, f: Field, linkText: string): Field {
  const sign = around[mark];
  if (sign) return wrap(f, sign);
  if (mark === "code") return f.text.slice(f.start, f.end).includes("\n") ? fence(f) : wrap(f, "`");
  if (mark === "link") {
    const text = f.text.slice(f.start, f.end) || linkText;
    const inserted = `[${text}](https://)`;
    const at = f.start + inserted.length - 1;
    return { text: f.text.slice(0, f.start) + inserted + f.text.slice(f.end), start: at, end: at };
  }
  return prefix(f, mark === "heading" ? "## " : "- ");
}

function wrap(f: Field, sign: string): Field {
  const { length } = sign;
  const outside = f.text.slice(f.start - length, f.start) === sign && f.text.slice(f.end, f.end + length) === sign;
  if (outside) return { text: f.text.slice(0, f.start - length) + f.text.slice(f.start, f.end) + f.text.slice(f.end + length), start: f.start - length, end: f.end - length };
  return { text: f.text.slice(0, f.start) + sign + f.text.slice(f.start, f.end) + sign + f.text.slice(f.end), start: f.start + length, end: f.end + length };
}

function fence(f: Field): Field {
  const inserted = `\`\`\`\n${f.text.slice(f.start, f.end)}\n\`\`\``;
  return { text: f.text.slice(0, f.start) + inserted + f.text.slice(f.end), start: f.start + 4, end: f.start + inserted.length - 4 };
}

function prefix(f: Field, sign: string): Field {
  const from = f.text.lastIndexOf("\n", f.start - 1) + 1;
  const to = f.text.indexOf("\n", f.end) < 0 ? f.text.length : f.text.indexOf("\n", f.end);
  const lines = f.text.slice(from, to).split("\n");
  const has = lines.every((l) => l.startsWith(sign));
  const changed = lines.map((l) => (has ? l.slice(sign.length) : sign + l)).join("\n");
  return { text: f.text.slice(0, from) + changed + f.text.slice(to), start: from, end: from + changed.length };
}
