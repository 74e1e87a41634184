import { lazy, Suspense, type ComponentType } from "react";

/** A dialog whose code is fetched when it is opened for the first time: no page pays for what nobody opened. */
export function lazyDialog<P extends { opened: boolean }>(load: () => Promise<ComponentType<P>>) {
  const Loaded = lazy(async () => ({ default: await load() }));
  return function LazyDialog(props: P) {
    return props.opened ? (
      <Suspense fallback={null}>
        <Loaded {...props} />
      </Suspense>
    ) : null;
  };
}
