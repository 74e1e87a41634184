import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";
import { logicalOnly, noLiteralText } from "./eslint/rules.mjs";

const parley = { rules: { "no-literal-text": noLiteralText, "logical-only": logicalOnly } };

export default ts.config(
  { ignores: ["**/dist/**", "**/public/**", "**/*.gen.ts", "widget/**"] },
  js.configs.recommended,
  ...ts.configs.strict,
  hooks.configs.flat.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    plugins: { parley },
    rules: {
      "parley/no-literal-text": "error",
      "parley/logical-only": "error",
      eqeqeq: "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/unified-signatures": "off",
    },
  },
  { files: ["**/*.test.{ts,tsx}"], rules: { "parley/no-literal-text": "off" } },
);
