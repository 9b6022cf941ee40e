const STORAGE_NAME = "scaigrid-theme";

/** `system` follows the browser's preference. */
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** The theme chosen in this browser. */
export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(STORAGE_NAME);
    return THEMES.find((theme) => theme === stored) ?? "system";
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
    return "system";
  }
}

/** Paints the page in a theme and keeps the choice. */
export function applyTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset["theme"];
  else dataset["theme"] = theme;
  try {
    if (theme === "system") localStorage.removeItem(STORAGE_NAME);
    else localStorage.setItem(STORAGE_NAME, theme);
  } catch {
    // As above: not kept, but painted.
  }
}
