// Which links in a terminal may be opened; pure.

/** The address to open, or undefined for anything but http and https. */
export function safeLink(target: string): string | undefined {
  if (!URL.canParse(target)) return undefined;
  const url = new URL(target);
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
}
