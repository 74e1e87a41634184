import { useQuery } from "@tanstack/react-query";
import type { Dimension } from "@/api/costs";
import { assistant as assistants } from "@/api/calls";
import { useCan } from "@/app/session";
import { label } from "@/lib/labels";
import { mt } from "@/strings/costs";

const words = mt.costs;

/** As people call a key of a dimension. Null: none. */
export type NameOf = (by: Dimension, key: string | null | undefined, known?: string | null) => string;

const providers: Record<string, string> = { anthropic: "Anthropic", openai: "OpenAI", "openai-compatible": "OpenAI-compatible", voyage: "Voyage", cohere: "Cohere", jina: "Jina", tei: "TEI" };

/** Assistants have names that only their own section knows. */
export function useNames(): NameOf {
  const enabled = useCan()("assistant:read");
  const list = useQuery({ queryKey: ["assistants"], queryFn: ({ signal }) => assistants.list({ signal }), enabled, staleTime: 300_000 });
  const named = new Map(list.data?.items.map((a) => [a.id, a.name]));
  return (by, key, known) => {
    if (key === undefined) return words.other;
    if (key === null || key === "none") return label(words.noneOf, by) || words.none;
    if (known) return known;
    switch (by) {
      case "service":
        return label(words.services, key);
      case "feature":
        return label(words.features, key);
      case "tier":
        return label(words.tiers, key);
      case "provider":
        return providers[key] ?? key;
      case "day":
        return words.day(key);
      case "assistant":
        return named.get(key) ?? key.slice(0, 8);
      case "conversation":
        return key.slice(0, 8);
      default:
        return key;
    }
  };
}
