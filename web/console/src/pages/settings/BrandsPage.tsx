import { ActionIcon, Button } from "@mantine/core";
import { confirm, EmptyState, Pill, RowName, toasts, type Column } from "@parley/ui";
import { IconBuilding, IconPlus, IconSettings, IconTrash } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { brandQueries, brands, type Brand } from "@/api/brands";
import { explain } from "@/api/problem";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { t } from "@/strings";
import { pv } from "@/strings/privacy";
import classes from "./Brands.module.css";
import { ListSection, Needs } from "./SettingsPage.tsx";

const BrandDialog = lazyDialog(async () => (await import("./BrandDialog.tsx")).BrandDialog);
const words = pv.brands;

export function BrandsPage() {
  return (
    <Needs permission="widgets:read">
      <Brands />
    </Needs>
  );
}

function Brands() {
  const may = useCan()("widgets:write");
  const client = useQueryClient();
  const list = useQuery(brandQueries.all);
  const [opened, setOpened] = useState<Brand | "new" | null>(null);
  const again = () => client.invalidateQueries({ queryKey: brandQueries.all.queryKey });
  const remove = useMutation({
    mutationFn: (b: Brand) => brands.remove(b.id),
    onSuccess: () => toasts.success(words.removed),
    onError: (e) => toasts.error(explain(e)),
    onSettled: again,
  });
  const ask = async (b: Brand) => {
    if (await confirm({ title: words.removeTitle(b.name), body: words.removeText, confirm: words.remove, danger: true })) remove.mutate(b);
  };
  const columns: Column<Brand>[] = [
    {
      id: "name",
      header: words.columns.name,
      main: true,
      cell: (b) => (
        <span className={classes.brand}>
          <Mark brand={b} />
          <RowName wraps sub={b.supportAddress ?? undefined}>
            <span>
              {b.name} {b.isDefault && <Pill>{words.first}</Pill>}
            </span>
          </RowName>
        </span>
      ),
    },
    { id: "links", header: words.columns.links, cell: (b) => [b.privacyUrl && words.privacyShort, b.termsUrl && words.termsShort].filter(Boolean).join(", ") },
    { id: "widgets", header: words.columns.widgets, align: "end", labelled: true, cell: (b) => t.number(b.widgets) },
    ...(may
      ? [
          {
            id: "actions",
            header: t.actions,
            quiet: true,
            align: "end" as const,
            corner: true,
            cell: (b: Brand) => (
              <span className={classes.actions}>
                <ActionIcon aria-label={words.changeOf(b.name)} onClick={() => setOpened(b)}>
                  <IconSettings size={16} />
                </ActionIcon>
                {!b.isDefault && (
                  <ActionIcon aria-label={words.removeOf(b.name)} loading={remove.isPending && remove.variables.id === b.id} onClick={() => void ask(b)}>
                    <IconTrash size={16} />
                  </ActionIcon>
                )}
              </span>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <ListSection
        description={words.description}
        action={
          may && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setOpened("new")}>
              {words.add}
            </Button>
          )
        }
        query={list}
        label={words.title}
        columns={columns}
        rows={list.data}
        rowId={(b) => b.id}
        empty={
          <EmptyState icon={IconBuilding} title={words.empty}>
            {words.description}
          </EmptyState>
        }
      />
      <BrandDialog opened={opened !== null} brand={opened === "new" ? null : opened} onClose={() => setOpened(null)} />
    </>
  );
}

/** Its picture, or its colour. */
function Mark({ brand }: { brand: Brand }) {
  if (brand.logo) return <img className={classes.mark} src={brands.logo(brand)} alt="" width={28} height={28} />;
  return <span className={classes.mark} aria-hidden style={brand.color ? { background: brand.color } : undefined} />;
}
