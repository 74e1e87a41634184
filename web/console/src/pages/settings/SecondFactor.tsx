import { Button, PasswordInput, TextInput } from "@mantine/core";
import { CopyButton, FormButtons, FormMessage, FormStack, Hint, useForm } from "@parley/ui";
import { useState } from "react";
import { encode } from "uqr";
import { formProblem } from "@/api/problem";
import * as ws from "@/api/workspace";
import { st } from "@/strings/settings";
import classes from "./Settings.module.css";

const words = st.settings.account;

/** Password, then the app, then the recovery codes. It ends only when they were shown. */
export function SetUpSecondFactor({ onDone }: { onDone: () => void }) {
  const [made, setMade] = useState<{ secret: string; uri: string } | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />;
  if (made) return <ConfirmForm secret={made.secret} uri={made.uri} onDone={setCodes} />;
  return <BeginForm onDone={setMade} />;
}

function BeginForm({ onDone }: { onDone: (made: { secret: string; uri: string }) => void }) {
  const form = useForm({
    guarded: false,
    initial: { password: "" },
    validate: (v) => ({ ...(!v.password && { password: words.passwordMissing }) }),
    submit: async (v) => onDone(await ws.account.beginSecondFactor(v.password)),
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <PasswordInput {...form.text("password")} label={words.yourPassword} autoComplete="current-password" data-autofocus autoFocus />
        <FormButtons>
          <Button type="submit" loading={form.pending}>
            {words.next}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

function ConfirmForm({ secret, uri, onDone }: { secret: string; uri: string; onDone: (codes: readonly string[]) => void }) {
  const form = useForm({
    guarded: false,
    initial: { passcode: "" },
    validate: (v) => ({ ...(!v.passcode.trim() && { passcode: words.codeMissing }) }),
    submit: async (v) => onDone((await ws.account.confirmSecondFactor(v.passcode.trim())).codes),
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <p>{words.scan}</p>
        <QrCode text={uri} />
        <div>
          <p className={classes.sub}>{words.secret}</p>
          <div className={classes.secret}>
            <code dir="ltr">{secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}</code>
            <CopyButton text={secret} />
          </div>
        </div>
        <FormMessage text={form.message} />
        <TextInput {...form.text("passcode")} label={words.code} autoComplete="one-time-code" inputMode="numeric" maxLength={10} autoFocus />
        <FormButtons>
          <Button type="submit" loading={form.pending}>
            {words.confirm}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

/** Dark on light in both schemes: cameras read no other. */
function QrCode({ text }: { text: string }) {
  const { size, data } = encode(text, { ecc: "M", border: 2 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg className={classes.qr} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={words.qr} shapeRendering="crispEdges">
      <path d={`M0 0h${size}v${size}h-${size}z`} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  return (
    <FormStack>
      <h2 className={classes.heading}>{words.codesTitle}</h2>
      <Hint tone="warning">{words.codesText}</Hint>
      <ul className={classes.codes} dir="ltr">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <FormButtons>
        <CopyButton text={codes.join("\n")} label={words.copyCodes} />
        <Button onClick={onDone} data-autofocus autoFocus>
          {words.kept}
        </Button>
      </FormButtons>
    </FormStack>
  );
}
