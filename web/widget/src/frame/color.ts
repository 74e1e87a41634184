/** Black or white, whichever has more contrast on a colour (WCAG 2 relative luminance). */
export function onColor(hex: string): string {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#111111' : '#ffffff';
}

export const isColor = (text: string): boolean => /^#[0-9a-f]{6}$/i.test(text);
