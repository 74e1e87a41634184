import { useRef, useState, type FormEvent } from "react";

/** What a rejected submission says: about fields by name, and about the whole. */
export type FormProblem = { message: string; fields?: Record<string, string[]> };

type Options<V> = {
  initial: V;
  /** Texts by field; nothing when all is well. */
  validate?: (values: V) => Partial<Record<keyof V, string>>;
  submit: (values: V) => Promise<void>;
  /** Turns what submit threw into words. */
  problem: (error: unknown) => FormProblem;
};

/** State of a small form: values, what is wrong with them, and whether it is being sent. Nothing typed is lost on failure. */
export function useForm<V extends Record<string, unknown>>(options: Options<V>) {
  const [values, setValues] = useState(options.initial);
  const [errors, setErrors] = useState<Partial<Record<keyof V, string>>>({});
  const [message, setMessage] = useState<string>();
  const [pending, setPending] = useState(false);
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
    try {
      await options.submit(values);
    } catch (error) {
      const p = options.problem(error);
      const known = Object.entries(p.fields ?? {}).filter(([name]) => name in values);
      setErrors(Object.fromEntries(known.map(([name, texts]) => [name, texts.join(" ")])) as Partial<Record<keyof V, string>>);
      // What is said beside its field need not be said twice.
      if (known.length === 0) setMessage(p.message);
      focusFirstError();
    } finally {
      setPending(false);
    }
  };

  const set = <K extends keyof V>(name: K, value: V[K]) => {
    setValues((old) => ({ ...old, [name]: value }));
    setErrors((old) => ({ ...old, [name]: undefined }));
  };

  return {
    values,
    errors,
    message,
    pending,
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
