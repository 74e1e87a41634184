import { createTheme, type MantineColorsTuple, type VariantColorsResolver } from "@mantine/core";

// Petrol. The shades themselves are rarely used: components take their colours from tokens through the resolver below.
const petrol: MantineColorsTuple = [
  "#eef9fa",
  "#dbf2f3",
  "#bde5e7",
  "#94d3d6",
  "#68bbbf",
  "#43a1a6",
  "#24888d",
  "#007378",
  "#005c60",
  "#004447",
];

type Colors = ReturnType<VariantColorsResolver>;

const tone = {
  accent: { solid: "accent", hover: "accent-hover", on: "on-accent", text: "accent-text", soft: "accent-soft" },
  danger: { solid: "danger", hover: "danger-hover", on: "on-danger", text: "danger-text", soft: "danger-soft" },
} as const;
const v = (token: string) => `var(--p-${token})`;

/** Every variant in token colours, so that light and dark keep their measured contrast. */
const variantColorResolver: VariantColorsResolver = ({ color, variant }): Colors => {
  const t = color === "danger" || color === "red" ? tone.danger : tone.accent;
  const neutral = color === "gray" || color === "neutral";
  switch (variant) {
    case "filled":
      return neutral
        ? { background: v("text"), hover: v("text-muted"), color: v("surface"), border: "1px solid transparent" }
        : { background: v(t.solid), hover: v(t.hover), color: v(t.on), border: "1px solid transparent" };
    case "light":
      return neutral
        ? { background: v("sunken"), hover: v("hover"), color: v("text"), border: "1px solid transparent" }
        : { background: v(t.soft), hover: v(t.soft), color: v(t.text), border: "1px solid transparent" };
    case "subtle":
    case "transparent":
      return {
        background: "transparent",
        hover: variant === "subtle" ? v("hover") : "transparent",
        color: neutral ? v("text-muted") : v(t.text),
        border: "1px solid transparent",
      };
    case "outline":
      return {
        background: "transparent",
        hover: v("hover"),
        color: neutral ? v("text") : v(t.text),
        border: `1px solid ${v("border-strong")}`,
      };
    default:
      return { background: v("surface"), hover: v("hover"), color: v("text"), border: `1px solid ${v("border")}` };
  }
};

export const theme = createTheme({
  primaryColor: "petrol",
  colors: { petrol },
  fontFamily: "var(--p-font)",
  fontFamilyMonospace: "var(--p-font-mono)",
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  variantColorResolver,
  components: {
    Button: { defaultProps: { size: "sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: "lg" } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Textarea: { defaultProps: { size: "sm" } },
    NativeSelect: { defaultProps: { size: "sm" } },
  },
});
