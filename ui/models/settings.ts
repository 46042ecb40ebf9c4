// The user's settings: kept on the server, applied at once, the theme remembered here for the first paint.

import { computed, createModel, signal } from "@preact/signals";
import { DEFAULT_SETTINGS, type Settings } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { SettingsCalls } from "../api/settings.ts";
import type { KeyStore } from "../credentials.ts";
import type { ColorScheme } from "../terminal/themes.ts";

export interface SettingsOptions {
  api: Pick<SettingsCalls, "getSettings" | "updateSettings">;
  store: KeyStore;
  /** Whether the system asks for a dark page, as a signal-like reader. */
  systemIsDark: { readonly value: boolean };
  onError(message: string): void;
}

export const MIN_FONT_SIZE = 8;
export const MAX_FONT_SIZE = 32;

const THEME_KEY = "agents-fleet.theme";

export const SettingsModel = createModel((options: SettingsOptions) => {
  const values = signal<Settings>({ ...DEFAULT_SETTINGS, theme: storedTheme(options.store) });
  const loaded = signal(false);

  function apply(next: Settings): void {
    values.value = next;
    options.store.setItem(THEME_KEY, next.theme);
  }
  async function update(patch: Partial<Settings>): Promise<void> {
    const before = values.value;
    apply({ ...before, ...patch });
    try {
      apply(await options.api.updateSettings(patch));
    } catch (thrown) {
      apply(before);
      options.onError(`The setting was not saved: ${errorMessage(thrown)}`);
    }
  }

  return {
    values,
    loaded,
    scheme: computed<ColorScheme>(() => schemeOf(values.value.theme, options.systemIsDark.value)),
    async load(): Promise<void> {
      try {
        apply(await options.api.getSettings());
        loaded.value = true;
      } catch (thrown) {
        options.onError(`The settings were not loaded: ${errorMessage(thrown)}`);
      }
    },
    /** Changes settings at once; takes the change back when the server refuses it. */
    update,
    /** Sizes out of range become the nearest possible; anything but a number changes nothing. */
    async setFontSize(px: number): Promise<void> {
      if (!Number.isFinite(px)) return;
      const fontSize = Math.round(Math.min(MAX_FONT_SIZE, Math.max(MIN_FONT_SIZE, px)));
      if (fontSize !== values.value.fontSize) await update({ fontSize });
    },
  };
});

export type SettingsStore = InstanceType<typeof SettingsModel>;

function schemeOf(theme: Settings["theme"], systemIsDark: boolean): ColorScheme {
  if (theme !== "system") return theme;
  return systemIsDark ? "dark" : "light";
}

function storedTheme(store: KeyStore): Settings["theme"] {
  const theme = store.getItem(THEME_KEY);
  return theme === "dark" || theme === "light" ? theme : "system";
}
