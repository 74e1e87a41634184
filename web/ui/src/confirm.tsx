import { Button, TextInput } from "@mantine/core";
import { useState, useSyncExternalStore } from "react";
import { asking, type Asked } from "./asking.ts";
import classes from "./confirm.module.css";
import { Dialog } from "./Dialog.tsx";
import { uiStrings } from "./strings.ts";

export function ConfirmHost() {
  const open = useSyncExternalStore(asking.subscribe, asking.get);
  return (
    <Dialog opened={open !== null} onClose={() => open?.settle(false)} title={open?.title ?? ""}>
      {open && <ConfirmBody key={open.title} options={open} />}
    </Dialog>
  );
}

function ConfirmBody({ options }: { options: Asked }) {
  const [typed, setTyped] = useState("");
  const ready = options.typed === undefined || typed.trim() === options.typed;
  return (
    <form
      className={classes.form}
      onSubmit={(e) => {
        e.preventDefault();
        if (ready) options.settle(true);
      }}
    >
      <div className={classes.body}>{options.body}</div>
      {options.typed !== undefined && (
        <TextInput
          data-autofocus
          label={uiStrings.typeToConfirm(options.typed)}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
          autoComplete="off"
        />
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => options.settle(false)}>
          {uiStrings.cancel}
        </Button>
        <Button
          type="submit"
          color={options.danger ? "danger" : undefined}
          disabled={!ready}
          data-autofocus={options.typed === undefined ? true : undefined}
        >
          {options.confirm}
        </Button>
      </div>
    </form>
  );
}
