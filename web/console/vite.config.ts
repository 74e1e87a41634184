import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { smallFont } from "./font.ts";

// While developing, everything but the console itself comes from a running Parley.
const parley = process.env.PARLEY_URL ?? "http://localhost:5080";
const proxy = Object.fromEntries(["/v1", "/openapi", "/widget", "/demo", "/health"].map((path) => [path, { target: parley, changeOrigin: false }]));

export default defineConfig({
  base: "/console/",
  plugins: [react(), smallFont()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  server: { proxy },
  preview: { proxy },
  build: {
    target: "es2022",
    // Fonts and icons as files: the policy allows no data: addresses for them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true, // for size.mjs, which removes it
  },
});
