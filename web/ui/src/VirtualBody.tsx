import { Fragment, useMemo, useRef, type ReactNode, type Ref } from "react";
import { useVirtualRows } from "./virtual.ts";

type Props<T> = {
  name: string;
  rows: readonly T[];
  rowId: (row: T) => string;
  span: number;
  render: (row: T, index: number, key: string, ref: Ref<HTMLTableRowElement>) => ReactNode;
};

/** The body of a long table: rows that are not seen are not there, and a bar of their height stands for them. */
export function VirtualBody<T>({ name, rows, rowId, span, render }: Props<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const keys = useMemo(() => rows.map(rowId), [rows, rowId]);
  const { virtual, items, focus, before, after } = useVirtualRows({ name: `table:${name}`, keys, list: body, height: 57 });
  return (
    <tbody ref={body} {...focus}>
      {items.map((item, i) => (
        <Fragment key={item.key}>
          <Gap height={before[i] ?? 0} span={span} />
          {render(rows[item.index] as T, item.index, keys[item.index] ?? "", virtual.measureElement)}
        </Fragment>
      ))}
      <Gap height={after} span={span} />
    </tbody>
  );
}

function Gap({ height, span }: { height: number; span: number }) {
  if (height === 0) return null;
  return (
    <tr aria-hidden data-gap style={{ blockSize: height }}>
      <td colSpan={span} />
    </tr>
  );
}
