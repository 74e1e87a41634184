import { ActionIcon, Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { IconCheck, IconCopy } from "./icons.ts";
import { uiStrings } from "./strings.ts";

/** Writes to the clipboard; where the browser forbids it (plain http), falls back to a selection. */
async function copy(text: string) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function CopyButton({ text, label, full = false }: { text: string; label?: string; full?: boolean }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const name = copied ? uiStrings.copied : (label ?? uiStrings.copy);
  const icon = copied ? <IconCheck size={16} /> : <IconCopy size={16} />;
  const onClick = () => void copy(text).then(() => setCopied(true));
  if (full)
    return (
      <Button variant="default" leftSection={icon} onClick={onClick}>
        {name}
      </Button>
    );
  return (
    <ActionIcon aria-label={name} title={name} onClick={onClick}>
      {icon}
    </ActionIcon>
  );
}
