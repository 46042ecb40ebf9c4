// A session in a repository with its tab of changes open, for tests of that tab.
import assert from "node:assert/strict";
import type { SessionView, SnapshotList } from "../protocol.ts";
import type { ApiClient } from "../testing/api_client.ts";
import { type Scene, signIn, type Tab, until } from "./harness.ts";
import { makeRepository, type TestRepository } from "./repository.ts";

/** What src/first.ts is at first. */
export const FIRST = Array.from({ length: 120 }, (_, line) => `const value_${line} = ${line};`).join("\n") +
  "\n";

export interface Stage {
  repository: TestRepository;
  session: SessionView;
  api: ApiClient;
  tab: Tab;
  /** Lines of the shell in the session. */
  run(script: string): Promise<void>;
  address: string;
}

/** A session in a repository with two files, and a tab that shows its changes. */
export async function open(scene: Scene, size: { width?: number; height?: number } = {}): Promise<Stage> {
  const repository = await makeRepository(`${scene.workDirectory}/repo`);
  await repository.write("src/first.ts", FIRST);
  await repository.write("src/second.ts", "export const two = 2;\n");
  await repository.write("notes.md", "# Notes\n");
  await repository.git("add", "-A");
  await repository.git("commit", "-q", "-m", "Begin");
  const program = await scene.start();
  const api = await signIn(program);
  const session = await api.launch({ cwd: repository.root, command: "sh", title: "An agent" });
  await until(async () => (await listSnapshots(api, session)).items.length === 1, () => "the baseline");
  const address = `${program.address}/s/${session.id}/changes`;
  const tab = await scene.open(program, { ...size, path: `/s/${session.id}/changes` });
  await tab.get("changes").getByText("Nothing differs").waitFor();
  const run = async (script: string): Promise<void> => {
    const { success, stderr } = await new Deno.Command("sh", { args: ["-ec", script], cwd: repository.root })
      .output();
    assert.ok(success, new TextDecoder().decode(stderr));
  };
  return { repository, session, api, tab, run, address };
}

export function listSnapshots(api: ApiClient, { id }: SessionView): Promise<SnapshotList> {
  return api.call(`/api/sessions/${id}/snapshots`);
}

/** `M src/first.ts +1 −1` and so on, as the tree shows it. */
export async function readTree({ page }: Tab): Promise<string[]> {
  return await page.evaluate<string[]>(
    `[...document.querySelectorAll("[data-testid=tree-file]")].map((row) =>
      [row.querySelector(".change-status [aria-hidden]").textContent, row.dataset.path,
       ...[...row.querySelectorAll(".line-added, .line-removed")].map((part) => part.textContent)].join(" "))`,
  );
}

export async function untilTree(tab: Tab, wanted: string[]): Promise<void> {
  let seen: string[] = [];
  await until(
    async () => JSON.stringify(seen = await readTree(tab)) === JSON.stringify(wanted),
    () => `the tree ${wanted.join(", ")}; it shows ${seen.join(", ")}`,
  );
}

export function diffOf(tab: Tab, path: string): ReturnType<Tab["get"]> {
  return tab.page.locator(`[data-testid=diff-file][data-path="${path}"]`);
}

/** Looks like a key. */
export const SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzEXAMPLEKEY";

/** What an agent does in the repository. */
export const AGENT = `
  sed -i 's/^const value_60 = 60;/const value_60 = sixty(60);/' src/first.ts
  git add -A && git commit -q -m "Sixty is made"
  git mv src/second.ts src/zweite.ts && git commit -q -m "Another name"
  printf 'print("new")\\n' > tool.py
`;
