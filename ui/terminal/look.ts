// The settings that concern how a terminal looks.

import type { SettingsStore } from "../models/settings.ts";
import type { TerminalLook } from "./terminal_view.ts";

export function lookOf(settings: Pick<SettingsStore, "values" | "scheme">): TerminalLook {
  const { fontSize, screenReader } = settings.values.value;
  return { fontSize, screenReader, scheme: settings.scheme.value };
}
