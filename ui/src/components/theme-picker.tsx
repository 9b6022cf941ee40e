import { useState } from "react";
import type { ReactNode } from "react";
import { applyTheme, storedTheme, THEMES } from "../lib/theme.ts";
import type { Theme } from "../lib/theme.ts";
import { Icon } from "./icons.tsx";
import type { IconName } from "./icons.tsx";

const LOOKS: Readonly<Record<Theme, { readonly icon: IconName; readonly words: string }>> = {
  system: { icon: "screen", words: "Theme of the system" },
  light: { icon: "sun", words: "Light theme" },
  dark: { icon: "moon", words: "Dark theme" },
};

/** Light, dark, or as the system has it; kept in this browser. */
export function ThemePicker(): ReactNode {
  const [chosen, setChosen] = useState(storedTheme);
  return (
    <div
      role="group"
      aria-label="Theme"
      className="inline-flex rounded-lg border border-line bg-surface p-0.5"
    >
      {THEMES.map((theme) => (
        <button
          key={theme}
          type="button"
          aria-pressed={theme === chosen}
          aria-label={LOOKS[theme].words}
          title={LOOKS[theme].words}
          onClick={() => {
            applyTheme(theme);
            setChosen(theme);
          }}
          className={`grid size-7 place-items-center rounded-md ${
            theme === chosen ? "bg-raised text-ink" : "text-muted hover:text-ink"
          }`}
        >
          <Icon name={LOOKS[theme].icon} />
        </button>
      ))}
    </div>
  );
}
