import { ActionIcon, Button, NativeSelect, TextInput } from "@mantine/core";
import { Card, confirm, CopyButton, EmptyState, ErrorState, FormButtons, FormMessage, FormStack, ListSkeleton, toasts, useForm } from "@parley/ui";
import { IconExternalLink, IconPlus, IconTrash, IconWorld, IconX } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import * as api from "@/api/calls";
import { explain, formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Widget } from "@/api/types";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { toOrigin } from "@/lib/origin";
import { t } from "@/strings";
import { wd } from "@/strings/widgets";
import { Needs, SectionHead } from "./SettingsPage.tsx";
import { SiteCheckForm } from "./SiteCheckForm.tsx";
import classes from "./Settings.module.css";

// Below the first screen.
const WidgetLook = lazy(async () => ({ default: (await import("./WidgetLook.tsx")).WidgetLook }));
const WidgetBrand = lazy(async () => ({ default: (await import("./WidgetBrand.tsx")).WidgetBrand }));
const IdentityCard = lazy(async () => ({ default: (await import("./IdentityCard.tsx")).IdentityCard }));
const AddWidget = lazyDialog(async () => (await import("./AddWidget.tsx")).AddWidget);
const words = wd.widget;

export function WidgetPage() {
  return (
    <Needs permission="widgets:read">
      <Widgets />
    </Needs>
  );
}

function Widgets() {
  const may = useCan()("widgets:write");
  const widgets = useQuery(queries.widgets);
  const { widget: chosen } = useSearch({ from: "/settings/widget" });
  const navigate = useNavigate({ from: "/settings/widget" });
  const [adding, setAdding] = useState(false);
  const show = (id: string) => void navigate({ search: { widget: id } });
  const items = widgets.data?.items ?? [];
  const shown = items.find((w) => w.id === chosen) ?? items[0];
  return (
    <>
      <SectionHead
        text={words.description}
        action={
          <div className={classes.buttons}>
            <Button component="a" href="/demo" target="_blank" rel="noopener" variant="default" leftSection={<IconExternalLink size={16} />}>
              {words.demo}
            </Button>
            {may && (
              <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
                {words.add}
              </Button>
            )}
          </div>
        }
      />
      {widgets.isPending ? (
        <ListSkeleton rows={3} height={140} gap={16} />
      ) : widgets.isError ? (
        <ErrorState detail={explain(widgets.error)} onRetry={() => void widgets.refetch()} />
      ) : !shown ? (
        <EmptyState icon={IconWorld} title={words.empty}>
          {words.emptyText}
        </EmptyState>
      ) : (
        <div className={classes.stack}>
          {items.length > 1 && (
            <div className={classes.inlineForm}>
              <NativeSelect aria-label={words.which} value={shown.id} onChange={(e) => show(e.currentTarget.value)} data={items.map((w) => ({ value: w.id, label: w.name }))} />
              {may && <RemoveWidget widget={shown} />}
            </div>
          )}
          <WidgetCards key={shown.id} widget={shown} />
          {/* Both at once: neither moves the other. */}
          <Suspense fallback={<ListSkeleton rows={2} height={400} gap={16} />}>
            <WidgetLook key={`${shown.id} ${shown.settingsVersion}`} widget={shown} />
            <WidgetBrand widget={shown} />
            <IdentityCard />
          </Suspense>
        </div>
      )}
      <AddWidget
        opened={adding}
        onClose={() => setAdding(false)}
        onMade={(id) => {
          setAdding(false);
          show(id);
        }}
      />
    </>
  );
}

function RemoveWidget({ widget: w }: { widget: Widget }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.widgets.remove(w.id),
    onSuccess: () => {
      toasts.success(words.removed(w.name));
      void client.invalidateQueries({ queryKey: queries.widgets.queryKey });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const ask = async () => {
    if (await confirm({ title: words.removeTitle(w.name), body: words.removeText, confirm: words.remove, danger: true })) remove.mutate();
  };
  return (
    <Button variant="default" leftSection={<IconTrash size={16} />} loading={remove.isPending} onClick={() => void ask()}>
      {words.remove}
    </Button>
  );
}

/** The tag exactly as it is to be pasted. */
export function embedCode(base: string, publicKey: string): string {
  return `<script src="${base}/widget/v1/loader.js" data-key="${publicKey}" async></script>`;
}

function WidgetCards({ widget: w }: { widget: Widget }) {
  const code = embedCode(window.location.origin, w.publicKey);
  return (
    <>
      <Card title={`${w.name}: ${words.embed}`} description={words.embedText} actions={<CopyButton full text={code} label={words.copyCode} />}>
        <FormStack>
          <pre className={classes.code} tabIndex={0} dir="ltr">
            {code}
          </pre>
          <div className={classes.group}>
            <div>
              <div className={classes.personName}>{words.publicKey}</div>
              <p className={classes.sub}>{words.publicKeyText}</p>
            </div>
            <div className={classes.secret}>
              <code>{w.publicKey}</code>
              <CopyButton text={w.publicKey} />
            </div>
          </div>
        </FormStack>
      </Card>
      <Origins widget={w} />
      <SiteCheckForm widget={w} />
    </>
  );
}

function useOrigins(w: Widget) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (allowedOrigins: string[]) => api.widgets.update(w.id, { allowedOrigins }),
    onSuccess: () => client.invalidateQueries({ queryKey: queries.widgets.queryKey }),
  });
}

function Origins({ widget: w }: { widget: Widget }) {
  const may = useCan()("widgets:write");
  const save = useOrigins(w);
  const form = useForm({
    initial: { allowedOrigins: "" },
    validate: (v) => {
      const origin = toOrigin(v.allowedOrigins);
      if (!origin) return { allowedOrigins: words.originBad };
      return w.allowedOrigins.includes(origin) ? { allowedOrigins: words.originDouble } : {};
    },
    submit: async (v) => {
      const origin = toOrigin(v.allowedOrigins) ?? "";
      await save.mutateAsync([...w.allowedOrigins, origin]);
      form.set("allowedOrigins", "");
      toasts.success(words.originAdded(origin));
    },
    problem: formProblem,
  });
  const remove = (origin: string) => {
    const before = w.allowedOrigins;
    save.mutate(
      before.filter((o) => o !== origin),
      {
        onSuccess: () => toasts.success(words.originRemoved(origin), { label: t.undo, undo: true, run: () => save.mutate(before) }),
        onError: (e) => toasts.error(explain(e)),
      },
    );
  };
  return (
    <Card title={words.origins} description={words.originsText}>
      <FormStack>
        {w.allowedOrigins.length === 0 ? (
          <p className={classes.sub}>{words.noOrigins}</p>
        ) : (
          <ul className={classes.origins}>
            {w.allowedOrigins.map((o) => (
              <li key={o}>
                <span className={classes.mono}>{o}</span>
                {may && (
                  <ActionIcon aria-label={words.originRemove(o)} disabled={save.isPending} onClick={() => remove(o)}>
                    <IconX size={16} />
                  </ActionIcon>
                )}
              </li>
            ))}
          </ul>
        )}
        {may && (
          <form {...form.formProps}>
            <FormMessage text={form.message} />
            <div className={classes.inlineForm}>
              <TextInput {...form.text("allowedOrigins")} aria-label={words.origin} placeholder={words.originPlaceholder} inputMode="url" autoComplete="off" />
              <FormButtons>
                <Button type="submit" variant="default" loading={form.pending}>
                  {words.originAdd}
                </Button>
              </FormButtons>
            </div>
          </form>
        )}
      </FormStack>
    </Card>
  );
}
