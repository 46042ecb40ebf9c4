// What axe finds on a view, in both colour schemes.
import axe from "axe-core";
import type { Tab } from "./harness.ts";
import { showIn } from "./views.ts";

interface Violation {
  id: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** The list and the rail are the same everywhere. */
const PLACES: Record<string, string> = { "first steps": "document", filters: "document" };

/** What differs between the colour schemes is only colours. */
const RUNS = {
  dark: "{ preload: false, resultTypes: ['violations'] }",
  light: "{ preload: false, runOnly: ['color-contrast'] }",
};

/** Sentences about what axe finds in either colour scheme. */
export async function findProblems(tab: Tab, view: string): Promise<string[]> {
  const found: string[] = [];
  if (await tab.page.evaluate("globalThis.axe === undefined")) await tab.page.evaluate(axe.source);
  for (const colorScheme of ["dark", "light"] as const) {
    await showIn(tab, colorScheme);
    const violations = await tab.page.evaluate<Violation[]>(
      `axe.run(${PLACES[view] ?? "{ exclude: ['.list', '.rail'] }"}, ${
        RUNS[colorScheme]
      }).then(({ violations }) => violations)`,
    );
    for (const { id, nodes } of violations) {
      found.push(
        ...nodes.map((node) => `${view}, ${colorScheme}: ${id} at ${node.target}: ${node.failureSummary}`),
      );
    }
  }
  return found;
}
