import { MantineProvider } from "@mantine/core";
import { act, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, describe, expect, it } from "vitest";
import { asking } from "./asking.ts";
import { Dialog } from "./Dialog.tsx";
import { toasts } from "./toasts.ts";
import { unsaved } from "./unsaved.ts";
import { differs, useForm } from "./useForm.ts";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

let root: ReturnType<typeof createRoot> | undefined;
let form: ReturnType<typeof useForm<{ name: string }>>;
afterEach(() => act(() => root?.unmount()));

function Form({ submit = async () => {} }: { submit?: () => Promise<void | false> }) {
  const own = useForm({ initial: { name: "as it was" }, submit, problem: () => ({ message: "no" }) });
  useEffect(() => {
    form = own;
  });
  return <form {...own.formProps} />;
}

async function show(node: React.ReactNode) {
  const host = document.body.appendChild(document.createElement("div"));
  root = createRoot(host);
  await act(async () => root?.render(<MantineProvider env="test">{node}</MantineProvider>));
}
const type = (name: string) => act(async () => form.set("name", name));
const send = () => act(async () => void form.formProps.onSubmit({ preventDefault: () => {} } as never));
const leaves = () => {
  const event = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(event);
  return !event.defaultPrevented;
};

describe("what was typed and not saved", () => {
  it("is asked about, and an untouched form is not", async () => {
    await show(<Form />);
    expect([unsaved.any(), leaves()]).toEqual([false, true]);
    await type("changed");
    expect([unsaved.any(), leaves()]).toEqual([true, false]);
    await type(" as it was ");
    expect(unsaved.any(), "as it was again").toBe(false);
    await type("changed");
    await act(() => root?.unmount());
    expect([unsaved.any(), leaves()], "the form is gone").toEqual([false, true]);
  });

  it("is saved once it is saved, also while the save leads elsewhere", async () => {
    let during: boolean | undefined;
    await show(<Form submit={async () => void (during = unsaved.any())} />);
    await type("changed");
    await send();
    expect([during, unsaved.any()]).toEqual([false, false]);
    await type("changed again");
    expect(unsaved.any()).toBe(true);
  });

  it("stays unsaved where saving failed, or was a step of several", async () => {
    let outcome: () => Promise<void | false> = () => Promise.reject(new Error());
    await show(<Form submit={() => outcome()} />);
    await type("changed");
    await send();
    expect(unsaved.any()).toBe(true);
    outcome = () => Promise.resolve(false);
    await send();
    expect(unsaved.any()).toBe(true);
  });

  it("keeps a dialog open until somebody says that it may be lost", async () => {
    function Page() {
      const [open, setOpen] = useState(true);
      return (
        <Dialog opened={open} onClose={() => setOpen(false)} title="A form">
          <Form />
        </Dialog>
      );
    }
    await show(<Page />);
    await type("changed");
    const close = () => act(async () => document.querySelector<HTMLElement>("dialog [aria-label=Close]")?.click());
    await close();
    expect(asking.get()?.title).toBe("Leave without saving?");
    await act(async () => asking.get()?.settle(false));
    expect(document.querySelector("dialog")).not.toBeNull();
    await close();
    await act(async () => asking.get()?.settle(true));
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("is told by content, not by identity", () => {
    expect(differs({ a: [1, { b: "x" }] }, { a: [1, { b: "x " }] })).toBe(false);
    expect(differs({ a: [1, 2] }, { a: [2, 1] })).toBe(true);
    expect(differs({ a: null }, { a: undefined })).toBe(true);
    expect(differs({ a: 1 }, { a: 1, b: 2 })).toBe(true);
  });
});

describe("undo", () => {
  it("takes back what was done last, once, and tells when there is nothing", () => {
    toasts.clear();
    const done: string[] = [];
    toasts.success("first", { label: "Undo", undo: true, run: () => done.push("first") });
    toasts.success("second", { label: "Undo", undo: true, run: () => done.push("second") });
    toasts.success("no undo", { label: "Open", run: () => done.push("open") });
    expect([toasts.undo(), toasts.undo(), toasts.undo()]).toEqual([true, true, false]);
    expect(done).toEqual(["second", "first"]);
  });
});
