import type { Preset, Provider } from "../../api/types.ts";

/** The choice of a server that no preset knows. */
export const OTHER: Preset = {
  name: "other",
  type: "custom",
  label: "Another server",
  base_url: "",
  self_hosted: true,
  needs_key: false,
  model_count: 0,
};

/** The preset that a provider was made from; undefined for one with an address of its own. */
export function presetOf(
  { type, preset }: Pick<Provider, "type" | "preset">,
  presets: readonly Preset[],
): Preset | undefined {
  return presets.find((known) => known.type === type && known.preset === preset);
}

/** The presets whose name contains a text. */
export function presetsNamed(presets: readonly Preset[], text: string): readonly Preset[] {
  const wanted = text.toLowerCase();
  return presets.filter(({ label, name }) => `${label} ${name}`.toLowerCase().includes(wanted));
}
