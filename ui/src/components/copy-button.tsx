import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../app-context.ts";
import { copyText } from "../lib/clipboard.ts";
import { Button } from "./button.tsx";
import type { ButtonVariant } from "./button.tsx";
import { Icon } from "./icons.tsx";

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for those who do not see it beside the button: "request id". */
  readonly what: string;
  readonly variant?: ButtonVariant;
  readonly isSmall?: boolean;
}

/** Copies a text and says so. */
export function CopyButton({
  text,
  what,
  variant = "secondary",
  isSmall = false,
}: CopyButtonProps): ReactNode {
  const { announcement } = useApp();
  const [state, setState] = useState<"ready" | "copied" | "refused">("ready");
  const copy = (): void => {
    copyText(text).then(
      () => {
        setState("copied");
        announcement.set(`Copied the ${what}.`);
      },
      () => {
        setState("refused");
        announcement.set("The browser does not allow copying: select the text instead.");
      },
    );
  };
  const words = { ready: "Copy", copied: "Copied", refused: "Select and copy it" }[state];
  return (
    <Button
      variant={variant}
      onClick={copy}
      aria-label={`${words}: ${what}`}
      className={isSmall ? "min-h-7 px-2 py-0.5 text-xs" : ""}
    >
      <Icon name={state === "copied" ? "check" : "copy"} />
      {words}
    </Button>
  );
}
