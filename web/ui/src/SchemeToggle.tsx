import { useMantineColorScheme, VisuallyHidden, type MantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun } from "./icons.ts";
import { Segmented } from "./Segmented.tsx";
import { uiStrings } from "./strings.ts";

const choices = [
  { value: "light", Icon: IconSun, label: uiStrings.scheme.light },
  { value: "dark", Icon: IconMoon, label: uiStrings.scheme.dark },
  { value: "auto", Icon: IconDeviceDesktop, label: uiStrings.scheme.auto },
] as const;

export function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Segmented
      size="xs"
      aria-label={uiStrings.scheme.label}
      value={colorScheme}
      onChange={(value) => setColorScheme(value as MantineColorScheme)}
      data={choices.map(({ value, Icon, label }) => ({
        value,
        label: (
          <span title={label} style={{ display: "grid", placeItems: "center", minBlockSize: "1.25rem" }}>
            <Icon size={15} aria-hidden />
            <VisuallyHidden>{label}</VisuallyHidden>
          </span>
        ),
      }))}
    />
  );
}
