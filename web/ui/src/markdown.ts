/** The subset of Markdown that answers and documents are shown in. It yields a tree, never HTML: nothing can be injected. */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "em"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] };
export type Block =
  | { kind: "paragraph"; lines: Inline[][] }
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "code"; language: string; text: string }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; ordered: boolean; start: number; items: Block[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

const fence = /^\s*(`{3,}|~{3,})\s*([\w+-]*).*$/;
const item = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const heading = /^(#{1,6})\s+(.*?)\s*#*\s*$/;
const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const rule = /^\s*([-*_])(\s*\1){2,}\s*$/;

/** Only addresses a click may safely follow. */
export function safeHref(href: string): string | null {
  if (/^(https?:|mailto:)/i.test(href)) return href;
  return /^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith("//") ? null : href;
}

export function parseInline(source: string): Inline[] {
  const out: Inline[] = [];
  const text = (s: string) => {
    const last = out.at(-1);
    if (last?.kind === "text") last.text += s;
    else if (s) out.push({ kind: "text", text: s });
  };
  const pattern = /(`+)([\s\S]+?)\1(?!`)|!?\[((?:[^[\]]|\[[^\]]*\])*)\]\(\s*<?([^\s)>]*)>?(?:\s+"[^"]*")?\s*\)|\*\*([^*]+)\*\*|(?<![\w*])[*_]([^*_\s](?:[^*_]*[^*_\s])?)[*_](?![\w*])|(https?:\/\/[^\s<>)\]]*[^\s<>)\].,;:!?'"])/g;
  let at = 0;
  for (const m of source.matchAll(pattern)) {
    text(source.slice(at, m.index));
    at = m.index + m[0].length;
    if (m[2] !== undefined) out.push({ kind: "code", text: m[2].replace(/^ (.+) $/, "$1") });
    else if (m[4] !== undefined) {
      const href = safeHref(m[4]);
      const children = parseInline(m[3] || m[4]);
      if (href) out.push({ kind: "link", href, children });
      else out.push(...children);
    } else if (m[5] !== undefined) out.push({ kind: "strong", children: parseInline(m[5]) });
    else if (m[6] !== undefined) out.push({ kind: "em", children: parseInline(m[6]) });
    else if (m[7] !== undefined) out.push({ kind: "link", href: m[7], children: [{ kind: "text", text: m[7] }] });
  }
  text(source.slice(at));
  return out;
}

const cells = (line: string) =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((c) => parseInline(c.trim().replaceAll("\\|", "|")));

export function parseMarkdown(source: string): Block[] {
  return parseLines(source.replaceAll("\r\n", "\n").split("\n"), 0);
}

function parseLines(lines: string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let i = 0;
  const line = (n = i) => lines[n] ?? "";
  while (i < lines.length) {
    const open = fence.exec(line());
    const h = heading.exec(line());
    if (!line().trim()) i++;
    else if (open) {
      const end = lines.findIndex((l, n) => n > i && l.trim().startsWith(open[1] ?? "```") && !/[^`~\s]/.test(l));
      const stop = end < 0 ? lines.length : end;
      blocks.push({ kind: "code", language: open[2] ?? "", text: lines.slice(i + 1, stop).join("\n") });
      i = stop + 1;
    } else if (h) {
      blocks.push({ kind: "heading", level: (h[1] ?? "#").length, children: parseInline(h[2] ?? "") });
      i++;
    } else if (rule.test(line()) && !item.test(line())) {
      blocks.push({ kind: "rule" });
      i++;
    } else if (line().includes("|") && tableRule.test(line(i + 1)) && line(i + 1).includes("-")) {
      const head = cells(line());
      const rows: Inline[][][] = [];
      for (i += 2; i < lines.length && line().includes("|"); i++) rows.push(cells(line()));
      blocks.push({ kind: "table", head, rows });
    } else if (/^\s*>/.test(line()) && depth < 4) {
      const inner: string[] = [];
      for (; i < lines.length && /^\s*>/.test(line()); i++) inner.push(line().replace(/^\s*> ?/, ""));
      blocks.push({ kind: "quote", blocks: parseLines(inner, depth + 1) });
    } else if (item.test(line()) && depth < 4) {
      const list = readList(lines, i, depth);
      blocks.push(list.block);
      i = list.next;
    } else {
      const start = i;
      do i++;
      while (i < lines.length && line().trim() && !fence.test(line()) && !heading.test(line()) && !item.test(line()) && !/^\s*>/.test(line()));
      blocks.push({ kind: "paragraph", lines: lines.slice(start, i).map((l) => parseInline(l.trim())) });
    }
  }
  return blocks;
}

function readList(lines: string[], from: number, depth: number): { block: Block; next: number } {
  const first = item.exec(lines[from] ?? "");
  const indent = first?.[1]?.length ?? 0;
  const ordered = /\d/.test(first?.[2] ?? "");
  const items: string[][] = [];
  let i = from;
  for (; i < lines.length; i++) {
    const l = lines[i] ?? "";
    const m = item.exec(l);
    const own = l.length - l.trimStart().length;
    if (m && (m[1]?.length ?? 0) <= indent) {
      if ((m[1]?.length ?? 0) < indent || /\d/.test(m[2] ?? "") !== ordered) break;
      items.push([m[3] ?? ""]);
    } else if (!l.trim()) {
      const after = lines.slice(i + 1).find((x) => x.trim());
      if (after === undefined || (!item.test(after) && after.length - after.trimStart().length <= indent)) break;
      items.at(-1)?.push("");
    } else if (own > indent || !lines[i - 1]?.trim() === false) items.at(-1)?.push(l.slice(Math.min(own, indent + 2)));
    else break;
  }
  const start = ordered ? Number.parseInt(first?.[2] ?? "1", 10) : 1;
  return { block: { kind: "list", ordered, start, items: items.map((x) => parseLines(x, depth + 1)) }, next: i };
}
