import { useRef, useState, type FormEvent } from "react";
import { useUnsaved } from "./unsaved.ts";

/** What a rejected submission says: about fields by name, and about the whole. */
export type FormProblem = { message: string; fields?: Record<string, string[]> };

type Options<V> = {
  initial: V;
  /** Texts by field; nothing when all is well. */
  validate?: (values: V) => Partial<Record<keyof V, string>>;
  /** False: a step of several is done, and nothing is saved yet. */
  submit: (values: V) => Promise<void | false>;
  /** Turns what submit threw into words. */
  problem: (error: unknown) => FormProblem;
  /** False for what is no loss, such as a sign-in: leaving it is not asked about. */
  guarded?: boolean;
};

/** Whether somebody would miss it: texts with nothing but blanks at their ends are as they were. */
export function differs(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return false;
  if (typeof a === "string" && typeof b === "string") return a.trim() !== b.trim();
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return true;
  if (a instanceof Blob || b instanceof Blob || Array.isArray(a) !== Array.isArray(b)) return true;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].some((name) => differs((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}

/** State of a small form: values, what is wrong with them, and whether it is being sent. Nothing typed is lost on failure. */
export function useForm<V extends Record<string, unknown>>(options: Options<V>) {
  const [values, setValues] = useState(options.initial);
  const [errors, setErrors] = useState<Partial<Record<keyof V, string>>>({});
  const [message, setMessage] = useState<string>();
  const [pending, setPending] = useState(false);
  const [saved, setSaved] = useState(options.initial);
  const dirty = (options.guarded ?? true) && differs(values, saved);
  const { release, hold } = useUnsaved(dirty);
  const form = useRef<HTMLFormElement>(null);

  const focusFirstError = () => requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());

  const onSubmit = async (e?: FormEvent) => {
    e?.preventDefault();
    if (pending) return;
    const wrong = options.validate?.(values) ?? {};
    setErrors(wrong);
    setMessage(undefined);
    if (Object.values(wrong).some(Boolean)) return void focusFirstError();
    setPending(true);
    // Saving may lead to another page: that is no leaving without saving.
    release();
    try {
      if ((await options.submit(values)) === false) hold();
      else setSaved(values);
    } catch (error) {
      const p = options.problem(error);
      const known = Object.entries(p.fields ?? {}).filter(([name]) => name in values);
      setErrors(Object.fromEntries(known.map(([name, texts]) => [name, texts.join(" ")])) as Partial<Record<keyof V, string>>);
      // What is said beside its field need not be said twice.
      if (known.length === 0) setMessage(p.message);
      hold();
      focusFirstError();
    } finally {
      setPending(false);
    }
  };

  const set = <K extends keyof V>(name: K, value: V[K]) => {
    hold();
    setValues((old) => ({ ...old, [name]: value }));
    setErrors((old) => ({ ...old, [name]: undefined }));
  };

  return {
    values,
    errors,
    message,
    pending,
    dirty,
    set,
    /** Properties of a text field. */
    text: <K extends keyof V & string>(name: K) => ({
      name,
      value: String(values[name] ?? ""),
      error: errors[name],
      onChange: (e: { currentTarget: { value: string } }) => set(name, e.currentTarget.value as V[K]),
    }),
    formProps: { ref: form, onSubmit: (e: FormEvent) => void onSubmit(e), noValidate: true },
  };
}
