import { useEffect, useId, useState } from "react";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Icon } from "./icons.tsx";

interface SearchBoxProps {
  readonly label: string;
  readonly initial: string;
  readonly onSearch: (text: string) => void;
}

/** A line to search with; `initial` is what is searched for now. The text is given without the space around it. */
export function SearchBox({ label, initial, onSearch }: SearchBoxProps): ReactNode {
  const id = useId();
  const [text, setText] = useState(initial);
  useEffect(() => setText(initial), [initial]);
  return (
    <form
      role="search"
      aria-label={label}
      className="flex gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(text.trim());
      }}
    >
      <div className="relative grow">
        <label htmlFor={id} className="sr-only">
          {label}
        </label>
        <Icon name="search" className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted" />
        <input
          id={id}
          type="search"
          value={text}
          placeholder={label}
          onChange={(event) => setText(event.target.value)}
          className="min-h-9 w-full rounded-lg border border-edge bg-surface py-1.5 pr-3 pl-9 text-sm placeholder:text-muted"
        />
      </div>
      <Button type="submit">Search</Button>
    </form>
  );
}
