// The tab's title and icon say how many sessions run, what was spent today, and whether the user is needed.

import { effect } from "@preact/signals";
import type { AppModels } from "./app_models.ts";
import { formatUsd } from "./format_money.ts";
import { sessionName } from "./session_status.ts";

const ICON_PX = 32;

/** The title for a count of running sessions, what was spent today, and the name of what is open. */
export function pageTitle(
  fleet: { running: number; spentNanoUsd?: number | undefined },
  place: string | undefined,
): string {
  const name = place ?? "Agents Fleet";
  if (fleet.running === 0) return name;
  const spent = (fleet.spentNanoUsd ?? 0) === 0 ? "" : ` · ${formatUsd(fleet.spentNanoUsd ?? 0)}`;
  return `● ${fleet.running} running${spent} · ${name}`;
}

/** Follows the models until the returned function is called. */
export function followPageTitle(models: AppModels, page: Document): () => void {
  const { known, router, budgets, notices } = models;
  const stopTitle = effect(() => {
    const route = router.route.value;
    const session = route.name === "session" ? known.byId.value.get(route.id) : undefined;
    const fleet = { running: known.counts.value.live, spentNanoUsd: budgets.day.value?.spent.nanoUsd };
    page.title = pageTitle(fleet, session && sessionName(session));
  });
  const icon = page.querySelector<HTMLLinkElement>("#favicon");
  const stopIcon = effect(() => {
    const { live, needs } = known.counts.value;
    if (icon !== null) icon.href = drawIcon(page, { live, needs: needs + notices.unseen.value });
  });
  return () => {
    stopTitle();
    stopIcon();
  };
}

/** Three bars for the fleet, with a dot while something runs: amber when something needs the user. */
function drawIcon(page: Document, counts: { live: number; needs: number }): string {
  const canvas = page.createElement("canvas");
  canvas.width = canvas.height = ICON_PX;
  const context = canvas.getContext("2d");
  if (context === null) return "data:,";
  context.fillStyle = "#3a66d6";
  context.beginPath();
  context.roundRect(0, 0, ICON_PX, ICON_PX, 7);
  context.fill();
  context.fillStyle = "#ffffff";
  for (const [index, width] of [18, 12, 15].entries()) context.fillRect(7, 8 + index * 6.5, width, 3.5);
  if (counts.live + counts.needs > 0) drawBadge(context, counts.needs > 0 ? "#f5b942" : "#4ade80");
  return canvas.toDataURL();
}

function drawBadge(context: CanvasRenderingContext2D, color: string): void {
  context.fillStyle = "#101114";
  context.beginPath();
  context.arc(24, 24, 8, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = color;
  context.beginPath();
  context.arc(24, 24, 6, 0, Math.PI * 2);
  context.fill();
}
