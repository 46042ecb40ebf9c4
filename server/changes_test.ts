import assert from "node:assert/strict";
import type { ChangeList, RevertPlan, RevertResult, SessionEvent, SnapshotList } from "./protocol.ts";
import { ApiClient } from "./testing/api_client.ts";
import { endHolders, type RunningProgram, startProgram } from "./testing/running_program.ts";

const PATIENCE_MS = 60_000;
const LINES = Array.from({ length: 40 }, (_, n) => `line ${n}\n`).join("");
/** What an agent might do: an edit that it commits, one that it does not, a new file, a renamed and a deleted one. */
const AGENT = `
printf 'edited and committed\\n' >> committed.txt
git add committed.txt
git -c user.name=Agent -c user.email=a@b commit -q -m 'What the agent committed'
printf 'edited\\n' >> edited.txt
printf 'fresh\\n' > fresh.txt
git mv old_name.txt new_name.txt
rm gone.txt
`;

interface Scene {
  directory: string;
  repository: string;
  program: RunningProgram;
  api: ApiClient;
}

async function git(repository: string, ...args: string[]): Promise<string> {
  const { stdout, success } = await new Deno.Command("git", {
    args: ["-c", "user.name=User", "-c", "user.email=u@b", ...args],
    cwd: repository,
  }).output();
  assert.ok(success, `git ${args.join(" ")} failed`);
  return new TextDecoder().decode(stdout);
}

/** A repository whose user has edited something before any session. */
async function createRepository(repository: string): Promise<void> {
  await Deno.mkdir(`${repository}/sub`, { recursive: true });
  await git(repository, "init", "-q", "-b", "main");
  for (const name of ["committed.txt", "edited.txt", "old_name.txt", "gone.txt", "dirty.txt"]) {
    await Deno.writeTextFile(`${repository}/${name}`, `${name}\n${LINES}`);
  }
  await git(repository, "add", "-A");
  await git(repository, "commit", "-q", "-m", "The user's own");
  await Deno.writeTextFile(`${repository}/dirty.txt`, "edited before the session\n");
  await Deno.writeTextFile(`${repository}/agent.sh`, AGENT);
}

async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const repository = `${directory}/repository`;
  await createRepository(repository);
  const program = await startProgram({ dataDirectory: `${directory}/data` });
  try {
    await work({ directory, repository, program, api: await ApiClient.signIn(program.printedUrl) });
  } finally {
    await program.stop();
    await endHolders(program.dataDirectory);
    await Deno.remove(directory, { recursive: true });
  }
}

/** Asks again until the answer is as wanted. */
async function ask<Answer>(
  api: ApiClient,
  path: string,
  wanted: (answer: Answer) => boolean,
): Promise<Answer> {
  const giveUpAtMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await api.call<Answer>(path);
    if (wanted(answer)) return answer;
    assert.ok(Date.now() < giveUpAtMs, `${path} stayed ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function until(condition: () => boolean): Promise<void> {
  const giveUpAtMs = Date.now() + PATIENCE_MS;
  while (!condition()) {
    assert.ok(Date.now() < giveUpAtMs, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function waitForSnapshots(api: ApiClient, id: string, reasons: string[]): Promise<SnapshotList> {
  return ask<SnapshotList>(
    api,
    `/api/sessions/${id}/snapshots`,
    ({ items, capturing }) => !capturing && items.map(({ reason }) => reason).join() === reasons.join(),
  );
}

async function readFiles(repository: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isFile } of Deno.readDir(repository)) {
    if (isFile) files[name] = await Deno.readTextFile(`${repository}/${name}`);
  }
  return files;
}

Deno.test("after its end a session shows what it changed; that is taken back, and the taking back too", async () => {
  await withScene(async ({ api, repository, program }) => {
    const original = await readFiles(repository);
    const { id } = await api.launch({ cwd: `${repository}/sub`, command: "cd .. && sh agent.sh" });
    await api.waitForEnd(id);
    const { items } = await waitForSnapshots(api, id, ["baseline", "exit"]);
    const changed = await readFiles(repository);
    const path = `/api/sessions/${id}`;
    const list = await api.call<ChangeList>(`${path}/changes`);
    assert.deepEqual(
      list.files.map(({ status, path, oldPath }) => [status, path, ...(oldPath ? [oldPath] : [])].join(" ")),
      ["M committed.txt", "M edited.txt", "A fresh.txt", "D gone.txt", "R new_name.txt old_name.txt"],
    );
    assert.deepEqual(list.commits.map(({ subject, authorName }) => [subject, authorName]), [
      ["What the agent committed", "Agent"],
    ]);
    assert.deepEqual((await api.call<{ changes: unknown }>(path)).changes, list.totals);
    const content = await fetch(`${api.origin}${path}/changes/content?file=new_name.txt&side=old`, {
      headers: api.headers,
    });
    assert.equal(await content.text(), `old_name.txt\n${LINES}`);

    const revert = async (to: number | undefined): Promise<RevertResult> => {
      const { nowTree } = await api.call<RevertPlan>(`${path}/revert/plan`, { method: "POST", body: { to } });
      return await api.call<RevertResult>(`${path}/revert`, { method: "POST", body: { to, nowTree } });
    };
    const head = await git(repository, "rev-parse", "HEAD");
    const index = await Deno.readFile(`${repository}/.git/index`);
    const { undo, failed } = await revert(items[0]?.id);
    assert.deepEqual([failed, await readFiles(repository)], [[], original]);
    await revert(undo.id);
    assert.deepEqual(await readFiles(repository), changed);
    assert.equal(await git(repository, "rev-parse", "HEAD"), head);
    assert.deepEqual(await Deno.readFile(`${repository}/.git/index`), index);
    const events = await api.call<{ items: SessionEvent[] }>(`${path}/events`);
    assert.equal(events.items.filter(({ kind }) => kind === "files_reverted").length, 2);

    await api.call(path, { method: "DELETE" });
    const stores = `${program.dataDirectory}/git`;
    const giveUpAtMs = Date.now() + PATIENCE_MS;
    while ([...Deno.readDirSync(stores)].length > 0) {
      assert.ok(Date.now() < giveUpAtMs, "the store of a deleted session stayed");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
});

Deno.test("while it runs, changes are told to whoever looks", async () => {
  await withScene(async ({ api, repository }) => {
    const { id } = await api.launch({ cwd: repository, command: "cat" });
    await waitForSnapshots(api, id, ["baseline"]);
    const terminal = await api.openTerminal(id);
    const countTold = (): number =>
      terminal.messages.filter((message) => message.type === "changes" && !message.snapshot).length;
    terminal.send({ type: "watch_changes", sessionId: id, on: true });
    await until(() => countTold() > 0);
    for (const file of ["edited.txt", "fresh.txt"]) {
      const before = countTold();
      await Deno.writeTextFile(`${repository}/${file}`, "changed while somebody looks\n");
      await until(() => countTold() > before);
      const { files, to } = await api.call<ChangeList>(`/api/sessions/${id}/changes`);
      assert.ok(to === "now" && files.some(({ path }) => path === file));
    }
    terminal.send({ type: "watch_changes", sessionId: id, on: false });
    await terminal.close();
    await api.call(`/api/sessions/${id}/stop`, { method: "POST" });
    await api.waitForEnd(id);
    await waitForSnapshots(api, id, ["baseline", "stop"]);
  });
});

Deno.test("a session that ends while the server is away is captured when it is back", async () => {
  await withScene(async ({ api, repository, program, directory }) => {
    const { id } = await api.launch({
      cwd: repository,
      command: "while [ ! -e go ]; do sleep 0.05; done; sh agent.sh; touch done",
    });
    await waitForSnapshots(api, id, ["baseline"]);
    await program.kill();
    await Deno.writeTextFile(`${repository}/go`, "");
    const giveUpAtMs = Date.now() + PATIENCE_MS;
    while (!await Deno.stat(`${repository}/done`).then(() => true, () => false)) {
      assert.ok(Date.now() < giveUpAtMs, "the script did not end");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const again = await startProgram({ dataDirectory: `${directory}/data` });
    try {
      const next = await ApiClient.signIn(again.printedUrl);
      await next.waitForEnd(id);
      await waitForSnapshots(next, id, ["baseline", "exit"]);
      const { files } = await next.call<ChangeList>(`/api/sessions/${id}/changes`);
      assert.ok(files.some(({ path }) => path === "new_name.txt"));
    } finally {
      await again.stop();
    }
  });
});

Deno.test("AGENTS_FLEET_CAPTURE_GIT_ON_END=off takes nothing", async () => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  await createRepository(`${directory}/repository`);
  const env = { AGENTS_FLEET_CAPTURE_GIT_ON_END: "off" };
  const program = await startProgram({ dataDirectory: `${directory}/data`, env });
  try {
    const api = await ApiClient.signIn(program.printedUrl);
    const { id } = await api.launch({ cwd: `${directory}/repository`, command: "sh agent.sh" });
    await api.waitForEnd(id);
    const { items, unavailable } = await api.call<SnapshotList>(`/api/sessions/${id}/snapshots`);
    assert.deepEqual([items, unavailable?.reason], [[], "off"]);
  } finally {
    await program.stop();
    await endHolders(program.dataDirectory);
    await Deno.remove(directory, { recursive: true });
  }
});
