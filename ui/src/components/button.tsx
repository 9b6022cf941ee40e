import type { ComponentProps, ReactNode } from "react";

const SHAPE =
  "inline-flex min-h-9 items-center justify-center gap-2 rounded-lg px-3.5 py-1.5 text-sm font-medium whitespace-nowrap transition-colors disabled:opacity-40";
const VARIANTS = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  secondary: "border border-edge bg-surface text-ink hover:bg-raised",
  danger: "bg-bad text-on-bad hover:bg-bad-strong",
  quiet: "text-muted hover:bg-raised hover:text-ink",
} as const;
export type ButtonVariant = keyof typeof VARIANTS;

/** The look of a button, for links that act like one. */
export function buttonClass(variant: ButtonVariant): string {
  return `${SHAPE} ${VARIANTS[variant]}`;
}

interface ButtonProps extends ComponentProps<"button"> {
  readonly variant?: ButtonVariant;
  /** Working on it: further presses do nothing, and the focus stays where it is. */
  readonly busy?: boolean;
}

/** A button. */
export function Button({
  variant = "secondary",
  busy = false,
  className,
  onClick,
  ...rest
}: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      className={`${buttonClass(variant)} ${busy ? "opacity-70" : ""} ${className ?? ""}`}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
