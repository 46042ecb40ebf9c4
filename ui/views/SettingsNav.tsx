// The ways to the parts of the settings: each has an address.

import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { Link } from "../parts/Link.tsx";
import { type Router, SETTINGS_SECTIONS, type SettingsSection } from "../router.ts";
import { SECTION_NAMES } from "../settings_sections.ts";

const GAP_PX = 8;

export function SettingsNav({ router }: { router: Router }): VNode {
  return (
    <nav class="settings-nav" aria-label="Parts of the settings">
      {SETTINGS_SECTIONS.map((section) => (
        <Link
          key={section}
          to={{ name: "settings", section }}
          router={router}
          class="settings-nav-link"
          // Also where the address names it already, and the page was scrolled since.
          onFollow={() => showSection(section)}
        >
          {SECTION_NAMES[section]}
        </Link>
      ))}
    </nav>
  );
}

/** Keeps the part that the address names at the top until the user moves: parts above it grow while they load. */
export function useShownSection(router: Router): void {
  const route = router.route.value;
  const section = route.name === "settings" ? route.section : undefined;
  useEffect(() => {
    if (section === undefined) return;
    const page = document.getElementById(`${section}-heading`)?.closest(".page");
    if (!page) return;
    const observer = new ResizeObserver(() => showSection(section));
    for (const part of page.children) observer.observe(part);
    const leave = (): void => observer.disconnect();
    const moves = ["wheel", "keydown", "pointerdown", "touchstart"];
    for (const move of moves) page.addEventListener(move, leave, { once: true, passive: true });
    return () => {
      leave();
      for (const move of moves) page.removeEventListener(move, leave);
    };
  }, [section]);
}

/** Scrolls the page of settings alone: `scrollIntoView` would move the frame around it as well. */
function showSection(section: SettingsSection): void {
  const heading = document.getElementById(`${section}-heading`);
  const page = heading?.closest(".page");
  const nav = page?.querySelector(".settings-nav");
  if (!heading || !page || !nav) return;
  const top = page.getBoundingClientRect().top + nav.clientHeight + GAP_PX;
  page.scrollTop += heading.getBoundingClientRect().top - top;
}
