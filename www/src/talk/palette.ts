/** Returns the colors of this page as hex codes, and whether it is light or dark. */
export function getPagePalette() {
  const { backgroundColor, color, accentColor } = getComputedStyle(document.documentElement);
  const [background, text, accent] = [backgroundColor, color, accentColor].map((value) => {
    const [red = 0, green = 0, blue = 0] = (value.match(/[\d.]+/g) ?? []).map(Number);
    const hex = [red, green, blue].map((channel) => Math.round(channel).toString(16).padStart(2, "0")).join("");
    return { hex: `#${hex}`, luminance: 0.2126 * red + 0.7152 * green + 0.0722 * blue };
  });
  const isDark = Number(background?.luminance) < Number(text?.luminance);
  return { background: background?.hex, text: text?.hex, accent: accent?.hex, colorScheme: isDark ? "dark" : "light" };
}
