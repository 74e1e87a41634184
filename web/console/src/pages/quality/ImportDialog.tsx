import { Button, Textarea } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormStack, Hint, Pill, toasts } from "@parley/ui";
import { IconFolderUp } from "@parley/ui/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { explain, Problem } from "@/api/problem";
import { golden } from "@/api/quality";
import { t } from "@/strings";
import { qt } from "@/strings/quality";
import { readRows, withProblems, type Row } from "./goldenRows.ts";
import classes from "./Quality.module.css";

const words = qt.quality.import;
/** So many rows are shown; those with a problem first, so that none is hidden. */
const shownRows = 100;
/** More than these are not mended one by one, and a page of thousands of rows is slow. */
const mostRows = 500;

/** Many golden questions at once: pasted or from a file, looked over before they are added. */
export function ImportDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [text, setText] = useState("");
  const [rows, setRows] = useState<Row[] | null>(null);
  return (
    <Dialog size="lg" opened={opened} onClose={onClose} title={words.title}>
      {rows ? <Preview rows={rows} onBack={() => setRows(null)} onClose={onClose} /> : <Entry text={text} setText={setText} onRows={setRows} onClose={onClose} />}
    </Dialog>
  );
}

function Entry({ text, setText, onRows, onClose }: { text: string; setText: (text: string) => void; onRows: (rows: Row[]) => void; onClose: () => void }) {
  const [problem, setProblem] = useState<string>();
  const file = useRef<HTMLInputElement>(null);
  const check = useMutation({
    mutationFn: async (rows: Row[]) => {
      // What is already known to be wrong keeps its place: the server names rows by their place.
      await golden.addAll(rows.map((r) => r.item), true);
      return rows;
    },
    onSuccess: onRows,
    onError: (e, rows) => {
      const said = e instanceof Problem ? withProblems(rows, e.fields) : rows;
      if (said.some((r, i) => r.problem !== rows[i]?.problem)) onRows(said);
      else setProblem(explain(e));
    },
  });
  const read = () => {
    const { rows, problem: wrong } = readRows(text);
    setProblem(wrong ?? undefined);
    if (!wrong) check.mutate(rows);
  };
  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    try {
      setText(await chosen.text());
      setProblem(undefined);
    } catch {
      setProblem(words.fileBad);
    }
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        read();
      }}
    >
      <FormStack>
        <p className={classes.text}>{words.text}</p>
        <FormMessage text={problem} />
        <Textarea
          label={words.field}
          description={words.columns}
          placeholder={words.placeholder}
          rows={9}
          dir="auto"
          value={text}
          error={problem !== undefined}
          onChange={(e) => {
            setText(e.currentTarget.value);
            setProblem(undefined);
          }}
          data-autofocus
        />
        <input ref={file} type="file" accept=".csv,.tsv,.txt,text/csv,text/plain" hidden onChange={(e) => void take(e.currentTarget.files?.[0])} />
        <FormButtons>
          <Button className={classes.first ?? ""} variant="default" leftSection={<IconFolderUp size={16} />} onClick={() => file.current?.click()}>
            {words.file}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={check.isPending}>
            {words.check}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

function Preview({ rows, onBack, onClose }: { rows: Row[]; onBack: () => void; onClose: () => void }) {
  const client = useQueryClient();
  const bad = rows.filter((r) => r.problem).length;
  const add = useMutation({
    mutationFn: () => golden.addAll(rows.map((r) => r.item), false),
    onSuccess: ({ added }) => {
      for (const key of ["golden-questions", "golden-facets"]) void client.invalidateQueries({ queryKey: [key] });
      toasts.success(words.done(added));
      onClose();
    },
  });
  const shown = [...rows.filter((r) => r.problem), ...rows.filter((r) => !r.problem)].slice(0, Math.min(Math.max(shownRows, bad), mostRows));
  return (
    <FormStack>
      <FormMessage text={add.isError ? explain(add.error) : undefined} />
      <div role="status">
        <Hint tone={bad > 0 ? "warning" : "info"}>{bad > 0 ? words.someBad(bad, rows.length) : words.allGood(rows.length)}</Hint>
      </div>
      <div className={classes.preview} tabIndex={0} role="region" aria-label={words.preview}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.row}</th>
              <th scope="col">{qt.quality.list.columns.question}</th>
              <th scope="col">{words.problem}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((r) => (
              <tr key={r.line} data-bad={r.problem !== null || undefined}>
                <td>{t.number(r.line)}</td>
                <td dir="auto">
                  {r.item.question}
                  {(r.item.expectedDocument ?? r.item.expectedAnswer) && <span className={classes.sub}>{r.item.expectedDocument ?? r.item.expectedAnswer}</span>}
                </td>
                <td>{r.problem ? <span className={classes.error}>{r.problem}</span> : <Pill tone="success">{words.good}</Pill>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > shown.length && <p className={classes.text}>{words.more(rows.length - shown.length)}</p>}
      <FormButtons>
        <Button className={classes.first ?? ""} variant="default" onClick={onBack} data-autofocus>
          {words.back}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t.cancel}
        </Button>
        <Button disabled={bad > 0} loading={add.isPending} onClick={() => add.mutate()}>
          {words.submit(rows.length)}
        </Button>
      </FormButtons>
    </FormStack>
  );
}
