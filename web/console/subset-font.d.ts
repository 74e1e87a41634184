declare module "subset-font" {
  type Options = { targetFormat?: "woff2" | "woff" | "sfnt"; keepFeatures?: string[]; variationAxes?: Record<string, number | { min: number; max: number }>; noHinting?: boolean };
  export default function subsetFont(font: Buffer, text: string, options?: Options): Promise<Buffer>;
}
