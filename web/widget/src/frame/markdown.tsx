// The Markdown subset of answers, rendered to elements. Text never becomes HTML: what is not recognised stays text.
import type { ComponentChildren, VNode } from 'preact';

const INLINE = /(`[^`\n]+`)|\*\*([^*\n]+)\*\*|(?<![\w*])\*([^*\n]+)\*(?![\w*])|\[([^\]\n]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>()"']+[^\s<>()"'.,;:!?])/g;

/** Only addresses that cannot run anything; relative ones have no meaning in the frame. */
export function safeHref(href: string): string | null {
  return /^(https?:\/\/|mailto:)/i.test(href) ? href : null;
}

export function inline(text: string): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) out.push(text.slice(from, match.index));
    const [whole, code, strong, emphasis, label, target, bare] = match;
    const href = safeHref(target ?? bare ?? '');
    if (code) out.push(<code>{code.slice(1, -1)}</code>);
    else if (strong) out.push(<strong>{strong}</strong>);
    else if (emphasis) out.push(<em>{emphasis}</em>);
    else if (href) out.push(<a href={href} target="_blank" rel="noopener noreferrer nofollow">{label ?? bare}</a>);
    else out.push(label ?? whole);
    from = match.index + whole.length;
  }
  if (from < text.length) out.push(text.slice(from));
  return out;
}

const FENCE = /^\s*(```+|~~~+)\s*([\w+-]*)/;
const BULLET = /^(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const RULE = /^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$/;
const cells = (row: string): string[] => row.trim().replace(/^\||\|$/g, '').split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, '|'));

export function Markdown({ text, onCopy, copyLabel }: { text: string; onCopy?: (code: string) => void; copyLabel?: string }): VNode {
  const lines = text.split('\n');
  const blocks: VNode[] = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i]!;
    const fence = FENCE.exec(line);
    if (line.trim() === '') i++;
    else if (fence) {
      const end = lines.findIndex((l, at) => at > i && l.trim().startsWith(fence[1]!));
      const code = lines.slice(i + 1, end < 0 ? lines.length : end).join('\n');
      blocks.push(
        <div class="code">
          {onCopy && <button type="button" class="copy" onClick={() => onCopy(code)}>{copyLabel}</button>}
          <pre tabIndex={0}><code>{code}</code></pre>
        </div>,
      );
      i = end < 0 ? lines.length : end + 1;
    } else if (line.includes('|') && RULE.test(lines[i + 1] ?? '')) {
      let end = i + 2;
      while (end < lines.length && lines[end]!.includes('|')) end++;
      blocks.push(
        <div class="table" tabIndex={0}>
          <table>
            <thead><tr>{cells(line).map((cell) => <th scope="col">{inline(cell)}</th>)}</tr></thead>
            <tbody>{lines.slice(i + 2, end).map((row) => <tr>{cells(row).map((cell) => <td>{inline(cell)}</td>)}</tr>)}</tbody>
          </table>
        </div>,
      );
      i = end;
    } else if (BULLET.test(line)) {
      const [list, next] = readList(lines, i);
      blocks.push(list);
      i = next;
    } else if (/^#{1,6}\s/.test(line)) {
      blocks.push(<p><strong>{inline(line.replace(/^#+\s+/, ''))}</strong></p>);
      i++;
    } else {
      let end = i + 1;
      while (end < lines.length && lines[end]!.trim() !== '' && !FENCE.test(lines[end]!) && !BULLET.test(lines[end]!)) end++;
      blocks.push(<p>{inline(lines.slice(i, end).join(' '))}</p>);
      i = end;
    }
  }
  return <div class="md">{blocks}</div>;
}

function readList(lines: string[], from: number): [VNode, number] {
  const first = BULLET.exec(lines[from]!)!;
  const indent = first[1]!.length;
  const ordered = first[2] !== undefined;
  const items: VNode[] = [];
  let i = from;
  while (i < lines.length) {
    const match = BULLET.exec(lines[i]!);
    if (!match || match[1]!.length < indent || (match[1]!.length === indent && (match[2] !== undefined) !== ordered)) break;
    if (match[1]!.length > indent + 1 && items.length > 0) {
      const [nested, next] = readList(lines, i);
      items.push(<li class="nested">{nested}</li>);
      i = next;
      continue;
    }
    let text = match[3]!;
    for (i++; i < lines.length && lines[i]!.trim() !== '' && !BULLET.test(lines[i]!) && !FENCE.test(lines[i]!); i++) text += ' ' + lines[i]!.trim();
    items.push(<li>{inline(text)}</li>);
    // A blank line between two items does not end the list.
    if (lines[i]?.trim() === '' && BULLET.test(lines[i + 1] ?? '')) i++;
  }
  return [ordered ? <ol start={Number(first[2])}>{items}</ol> : <ul>{items}</ul>, i];
}
