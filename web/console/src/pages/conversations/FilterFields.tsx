import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconFilter } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "@/api/found";
import { Filters, SearchField } from "@/app/Filters";
import { queries as all } from "@/api/queries";
import { useCan } from "@/app/session";
import { filterNames, type Filter } from "@/lib/filterNames";
import { languageName } from "@/lib/labels";
import { t } from "@/strings";
import { vt } from "@/strings/conversations";
import classes from "./ConversationsPage.module.css";

const words = vt.found;

/** Shown at once; the others are a click away, and their number says that they narrow. */
const first: readonly string[] = ["q", "status", "owner"];
const languages = ["en", "de", "es", "fr", "it", "pt", "nl", "pl", "ro", "sv", "da", "cs", "hu", "el", "ru", "uk", "tr", "ar", "he", "hi", "th", "vi", "zh", "ja", "ko"];

type Props = { filter: Filter; set: (change: Filter) => void; clear: () => void };

export function FilterFields({ filter, set, clear }: Props) {
  const narrowed = filterNames.filter((name) => filter[name] && !first.includes(name)).length;
  const [more, setMore] = useState(narrowed > 0);
  return (
    <>
      <Filters label={t.conversations.filters}>
        <SearchField label={words.search} value={filter.q ?? ""} onChange={(q) => set({ q })} />
        <Choice name={t.conversations.status} value={filter.status} values={t.conversation.status} onChange={(status) => set({ status })} />
        <Choice name={t.conversations.owner} value={filter.owner} values={t.conversation.owner} onChange={(owner) => set({ owner })} />
        <Button variant="default" leftSection={<IconFilter size={16} />} aria-expanded={more} onClick={() => setMore(!more)}>
          {more ? words.fewer : narrowed > 0 ? words.moreSet(narrowed) : words.more}
        </Button>
        {Object.keys(filter).length > 0 && (
          <Button variant="subtle" color="gray" onClick={clear}>
            {t.conversations.clear}
          </Button>
        )}
      </Filters>
      {more && <MoreFields filter={filter} set={set} />}
    </>
  );
}

function MoreFields({ filter, set }: Omit<Props, "clear">) {
  const mayKnow = useCan()("members:read");
  const members = useQuery({ ...all.members, enabled: mayKnow });
  const tags = useQuery(queries.tags);
  const outcomes = { ...without(t.conversation.outcome, "reversed"), failed: words.outcomeFailed, none: words.outcomeNone };
  return (
    <div className={classes.more}>
      <Choice name={words.tag} value={filter.tagId} values={Object.fromEntries((tags.data?.items ?? []).map((tag) => [tag.id, tag.name]))} onChange={(tagId) => set({ tagId })} />
      <Choice name={words.outcome} value={filter.outcome} values={outcomes} onChange={(outcome) => set({ outcome })} />
      <Choice name={words.confidence} value={filter.confidence} values={words.confidences} onChange={(confidence) => set({ confidence })} />
      <Choice name={words.rating} value={filter.rating} values={Object.fromEntries(Object.entries(words.ratings).map(([value, text]) => [value, text]))} onChange={(rating) => set({ rating })} />
      <Choice name={t.conversations.channel} value={filter.channel} values={t.conversation.channel} onChange={(channel) => set({ channel })} />
      <Choice name={words.language} value={filter.language} values={Object.fromEntries(languages.map((code) => [code, languageName(code)]))} onChange={(language) => set({ language })} />
      {mayKnow && (
        <Choice name={words.agent} value={filter.agentId} values={Object.fromEntries((members.data?.items ?? []).map((m) => [m.userId, m.name]))} onChange={(agentId) => set({ agentId })} />
      )}
      <TextInput label={words.from} type="date" value={filter.from ?? ""} max={filter.to} onChange={(e) => set({ from: e.currentTarget.value })} />
      <TextInput label={words.to} type="date" value={filter.to ?? ""} min={filter.from} onChange={(e) => set({ to: e.currentTarget.value })} />
    </div>
  );
}

const without = (values: Record<string, string>, name: string) => Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));

/** A value of the address that is in no list any more, such as a deleted tag, is still shown, so that it can be cleared. */
function Choice(props: { name: string; value: string | undefined; values: Record<string, string>; onChange: (value: string) => void }) {
  const { name, value, values } = props;
  return (
    <NativeSelect
      aria-label={name}
      value={value ?? ""}
      onChange={(e) => props.onChange(e.currentTarget.value)}
      data={[{ value: "", label: t.conversations.anyOf(name) }, ...Object.entries(values).map(([v, text]) => ({ value: v, label: text })), ...(value && !(value in values) ? [{ value, label: `${name}: ${value}` }] : [])]}
    />
  );
}
