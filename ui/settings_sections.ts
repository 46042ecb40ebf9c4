// What the parts of the settings are called, where they are listed.

import type { SettingsSection } from "./router.ts";

export const SECTION_NAMES: Record<SettingsSection, string> = {
  budgets: "Budgets",
  notifications: "Notifications",
  appearance: "Appearance",
  launching: "Launching",
  prices: "Prices",
  summaries: "Summaries",
  recordings: "Recordings",
  snapshots: "Snapshots",
  access: "Access",
  about: "About",
};
