/// <reference types="vite/client" />

declare module "@tabler/icons-react/dist/esm/icons/*.mjs" {
  import type { FunctionComponent, SVGProps } from "react";

  const Icon: FunctionComponent<Omit<SVGProps<SVGSVGElement>, "stroke"> & { size?: number | string; stroke?: number | string }>;
  export default Icon;
}
