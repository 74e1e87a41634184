import { Button, TextInput } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormStack, toasts, useForm } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { brandQueries, brands, type Brand } from "@/api/brands";
import { queries } from "@/api/queries";
import { formProblem } from "@/api/problem";
import { t } from "@/strings";
import { pv } from "@/strings/privacy";
import classes from "./Brands.module.css";

const words = pv.brands;
const maxBytes = 128 * 1024;
const kinds = ["image/png", "image/jpeg"];

type Props = { opened: boolean; brand: Brand | null; onClose: () => void };

/** A brand's name, picture, colour and where it leads. */
export function BrandDialog({ opened, brand, onClose }: Props) {
  return (
    <Dialog opened={opened} onClose={onClose} title={brand ? words.changeTitle : words.addTitle}>
      <BrandForm key={brand?.id} brand={brand} onClose={onClose} />
    </Dialog>
  );
}

type Picture = { data: string; shown: string };

function BrandForm({ brand, onClose }: Omit<Props, "opened">) {
  const client = useQueryClient();
  // Undefined: as it is; null: taken away.
  const [picture, setPicture] = useState<Picture | null>();
  const [wrong, setWrong] = useState<string>();
  const file = useRef<HTMLInputElement>(null);
  const form = useForm({
    initial: { name: brand?.name ?? "", color: brand?.color ?? "", supportAddress: brand?.supportAddress ?? "", privacyUrl: brand?.privacyUrl ?? "", termsUrl: brand?.termsUrl ?? "" },
    validate: (v) => ({ ...(!v.name.trim() && { name: words.nameMissing }), ...(v.color.trim() && !/^#[0-9a-f]{6}$/i.test(v.color.trim()) && { color: words.colorBad }) }),
    submit: async (v) => {
      const entry = { name: v.name.trim(), color: v.color.trim() || null, supportAddress: v.supportAddress.trim() || null, privacyUrl: v.privacyUrl.trim() || null, termsUrl: v.termsUrl.trim() || null };
      const saved = brand ? await brands.change(brand.id, entry) : await brands.add(entry);
      try {
        if (picture) await brands.setLogo(saved.id, picture.data);
        else if (picture === null && brand?.logo) await brands.removeLogo(saved.id);
      } finally {
        void client.invalidateQueries({ queryKey: brandQueries.all.queryKey });
        void client.invalidateQueries({ queryKey: queries.widgets.queryKey });
      }
      toasts.success(words.saved);
      onClose();
    },
    problem: formProblem,
  });
  const choose = async (chosen: File | undefined) => {
    setWrong(undefined);
    if (!chosen) return;
    if (!kinds.includes(chosen.type)) return setWrong(words.logoKind);
    if (chosen.size > maxBytes) return setWrong(words.logoLarge);
    const shown = await new Promise<string>((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.onerror = () => reject(new Error("unreadable"));
      reader.readAsDataURL(chosen);
    }).catch(() => null);
    if (shown === null) setWrong(words.logoKind);
    else setPicture({ data: shown.slice(shown.indexOf(",") + 1), shown });
  };
  const shown = picture ? picture.shown : picture === undefined && brand?.logo ? brands.logo(brand) : null;
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={wrong ?? form.message} />
        <TextInput {...form.text("name")} label={words.name} description={words.nameHint} maxLength={100} data-autofocus autoComplete="off" />
        <div className={classes.logo}>
          {shown && <img className={classes.picture} src={shown} alt={words.logo} />}
          <input ref={file} type="file" accept={kinds.join(",")} hidden aria-hidden tabIndex={-1} onChange={(e) => void choose(e.currentTarget.files?.[0])} />
          <Button variant="default" onClick={() => file.current?.click()}>
            {words.chooseLogo}
          </Button>
          {shown && (
            <Button variant="subtle" onClick={() => setPicture(null)}>
              {words.removeLogo}
            </Button>
          )}
          <span className={classes.hint}>{words.logoHint}</span>
        </div>
        <TextInput
          {...form.text("color")}
          label={words.color}
          description={words.colorHint}
          maxLength={7}
          autoComplete="off"
          dir="ltr"
          leftSection={<input type="color" className={classes.swatch} aria-label={words.color} value={/^#[0-9a-f]{6}$/i.test(form.values.color) ? form.values.color : "#007378"} onChange={(e) => form.set("color", e.currentTarget.value)} />}
        />
        <TextInput {...form.text("supportAddress")} label={words.support} description={words.supportHint} type="email" maxLength={254} autoComplete="off" dir="ltr" />
        <TextInput {...form.text("privacyUrl")} label={words.privacy} placeholder={words.linkExample} type="url" maxLength={500} autoComplete="off" dir="ltr" />
        <TextInput {...form.text("termsUrl")} label={words.terms} placeholder={words.linkExample} type="url" maxLength={500} autoComplete="off" dir="ltr" />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {words.save}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
