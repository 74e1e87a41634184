import { DirectionProvider, localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import type { ReactNode } from "react";
import { ConfirmHost } from "./confirm.tsx";
import { HotkeyProvider } from "./Hotkeys.tsx";
import { theme } from "./theme.ts";
import { Toaster } from "./Toaster.tsx";

/** scheme.js reads the same key before the first paint. */
const colorSchemeManager = localStorageColorSchemeManager({ key: "parley-color-scheme" });

export function ParleyProvider({ children, helpLabel }: { children: ReactNode; helpLabel: string }) {
  return (
    <DirectionProvider>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={colorSchemeManager}
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <HotkeyProvider helpLabel={helpLabel}>
          {children}
          <ConfirmHost />
          <Toaster />
        </HotkeyProvider>
      </MantineProvider>
    </DirectionProvider>
  );
}
