import { NativeSelect } from "@mantine/core";
import { Card, toasts } from "@parley/ui";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { brandQueries, brands } from "@/api/brands";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Widget } from "@/api/types";
import { useCan } from "@/app/session";
import { pv } from "@/strings/privacy";

const words = pv.brands;

/** To which brand a widget belongs, where there is more than one. */
export function WidgetBrand({ widget: w }: { widget: Widget }) {
  const may = useCan()("widgets:write");
  const client = useQueryClient();
  const all = useQuery(brandQueries.all);
  const move = useMutation({
    mutationFn: (brandId: string) => brands.give(w.id, brandId),
    onSuccess: () => toasts.success(words.saved),
    onError: (e) => toasts.error(explain(e)),
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: queries.widgets.queryKey }), client.invalidateQueries({ queryKey: brandQueries.all.queryKey })]),
  });
  if (!all.data || all.data.length < 2) return null;
  return (
    <Card title={words.ofWidget} description={words.ofWidgetHint}>
      <NativeSelect
        aria-label={words.ofWidget}
        value={move.isPending ? move.variables : w.brandId}
        disabled={!may || move.isPending}
        onChange={(e) => move.mutate(e.currentTarget.value)}
        data={all.data.map((b) => ({ value: b.id, label: b.name }))}
      />
    </Card>
  );
}
