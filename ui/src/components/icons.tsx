import type { ReactNode } from "react";

/** Shapes on a grid of 20, drawn with a line. Decoration only: the words beside them say what they mean. */
const PATHS = {
  key: "M12.5 10.5a4 4 0 1 0-3-3L3 14v3h3v-2h2v-2h2l1.6-1.6M13.5 6.5h.01",
  cube: "m10 2.5 6.5 3.75v7.5L10 17.5l-6.5-3.75v-7.5zM3.5 6.25 10 10m0 0 6.5-3.75M10 10v7.5",
  list: "M3 5h2m3 0h9M3 10h2m3 0h9M3 15h2m3 0h9",
  copy: "M7 7V3.5h9.5V13H13M3.5 7H13v9.5H3.5z",
  check: "m4 10.5 4 4 8-9",
  download: "M10 3v9m0 0 3.5-3.5M10 12 6.5 8.5M3.5 16.5h13",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12m4.5-1.5L17 17",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  close: "m5 5 10 10M15 5 5 15",
  alert: "M10 6.5v4.5m0 2.5h.01M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15",
  plus: "M10 4v12M4 10h12",
  sun: "M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M10 2v1.5m0 13V18M2 10h1.5m13 0H18M4.3 4.3l1.1 1.1m9.2 9.2 1.1 1.1m0-11.4-1.1 1.1m-9.2 9.2-1.1 1.1",
  moon: "M16.5 11.8A7 7 0 0 1 8.2 3.5a7 7 0 1 0 8.3 8.3",
  screen: "M3 4h14v9.5H3zM7.5 17h5M10 13.5V17",
  chevron: "m7.5 5 5 5-5 5",
  plug: "M7 3v4m6-4v4M5 7h10v3a5 5 0 0 1-10 0zM10 15v3",
  users:
    "M7.5 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2 16.5a5.5 5.5 0 0 1 11 0M13 4.3a3 3 0 0 1 0 5.4m2 2.1a5.5 5.5 0 0 1 3 4.7",
  building: "M4 17V3.5h8V17m0-9.5h4V17M2.5 17h15M7 7h2m-2 3.5h2M7 14h2",
  shield: "M10 2.5 16.5 5v4.5c0 4-2.7 6.8-6.5 8-3.8-1.2-6.5-4-6.5-8V5z",
  gauge: "M3 14.5a7.5 7.5 0 1 1 14 0M10 14.5l3-5M9 14.5h2",
  circles: "M7.5 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8m5 4.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8",
  lock: "M5 9h10v8H5zm2 0V6.5a3 3 0 0 1 6 0V9m-3 3v2",
  handshake: "M3 5.5h5v4H3zm9 0h5v4h-5zm-4 2h4M5.5 9.5v5h9v-5M8.5 12h3v5h-3z",
  chart: "M3 17h14M5 14v-4m5 4V4m5 10V8",
  tag: "M3 3h7l7 7-7 7-7-7zM6.5 6.5h.01",
  play: "M3 4h14v10H9l-4 3v-3H3zM8.5 6.8v4.4l4-2.2z",
  home: "M3 9.5 10 3l7 6.5M5 8v9h10V8M8.5 17v-5h3v5",
  server: "M3 4h14v5H3zm0 7h14v5H3zM6 6.5h.01M6 13.5h.01",
  print: "M6 7V3h8v4M6 14H3.5V7h13v7H14M6 11.5h8V17H6z",
  route: "M4 15.5h7a3 3 0 0 0 0-6H9a3 3 0 0 1 0-6h7m0 0-2-2m2 2-2 2",
  history: "M3 10a7 7 0 1 0 2.2-5.1L3 7m0-3.5V7h3.5M10 6.5V10l2.5 1.5",
  sliders: "M3 6h8m4 0h2M13 4v4M3 14h2m4 0h8M7 12v4",
  exit: "M8 3.5H3.5v13H8M8 10h9m0 0-3.5-3.5M17 10l-3.5 3.5",
} as const;
export type IconName = keyof typeof PATHS;

/** A small picture beside words. */
export function Icon({ name, className = "size-4" }: { name: IconName; className?: string }): ReactNode {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true" className={`shrink-0 ${className}`} fill="none">
      <path
        d={PATHS[name]}
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** The product's mark. */
export function Mark(): ReactNode {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className="size-7 shrink-0">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <g className="fill-on-accent">
        <rect x="7" y="7" width="8" height="8" rx="2" />
        <rect x="17" y="7" width="8" height="8" rx="4" opacity=".65" />
        <rect x="7" y="17" width="8" height="8" rx="4" opacity=".65" />
        <rect x="17" y="17" width="8" height="8" rx="2" />
      </g>
    </svg>
  );
}
