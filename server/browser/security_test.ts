// A signed-in browser visits somebody else's page on another port of this machine: that page can do nothing here.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { SessionView, StatusView } from "../protocol.ts";
import { browserTest, signIn, until } from "./harness.ts";

/** Runs in the page of the attacker: tries everything a page can try and tells what came of it. */
const ATTEMPTS = `async ({ address, agentAddress, asset, launch }) => {
  const came = {};
  const attempt = async (name, work) => {
    try { came[name] = String(await work()); } catch (cause) { came[name] = cause.name; }
  };
  const fetched = async (path, init) => {
    const response = await fetch(address + path, { credentials: "include", ...init });
    return response.type === "opaque" ? "opaque" : "READ " + await response.text();
  };
  const loaded = (element) => new Promise((resolve) => {
    element.onload = () => resolve("LOADED");
    element.onerror = () => resolve("failed");
    document.body.append(element);
  });
  const body = JSON.stringify(launch);
  await attempt("read", () => fetched("/api/sessions"));
  await attempt("read without credentials", () => fetched("/api/sessions", { credentials: "omit" }));
  await attempt("read the page", () => fetched("/"));
  await attempt("read health", () => fetched("/health"));
  await attempt("read blindly", () => fetched("/api/sessions", { mode: "no-cors" }));
  await attempt("launch", () => fetched("/api/sessions", {
    method: "POST", body, headers: { "content-type": "application/json" },
  }));
  await attempt("launch blindly", () => fetched("/api/sessions", { method: "POST", body, mode: "no-cors" }));
  await attempt("stop all blindly", () => fetched("/api/sessions/stop-all", { method: "POST", mode: "no-cors" }));
  await attempt("sign in blindly", () => fetched("/api/login", {
    method: "POST", body: '{"code":"x"}', mode: "no-cors",
  }));
  await attempt("agent port", async () => (await fetch(agentAddress + "/v1/messages", {
    method: "POST", mode: "no-cors", body: "{}",
  })).type);
  await attempt("script", () => loaded(Object.assign(document.createElement("script"), { src: address + asset })));
  await attempt("data as script", () =>
    loaded(Object.assign(document.createElement("script"), { src: address + "/api/sessions" })));
  await attempt("style", () =>
    loaded(Object.assign(document.createElement("link"), { rel: "stylesheet", href: address + "/api/settings" })));
  await attempt("image", () => loaded(Object.assign(new Image(), { src: address + "/api/sessions" })));
  await attempt("frame", async () => {
    const frame = Object.assign(document.createElement("iframe"), { src: address + "/", name: "victim" });
    await loaded(frame);
    return frame.contentDocument?.body.textContent ?? "cross-origin";
  });
  await attempt("form", () => new Promise((resolve) => {
    const frame = Object.assign(document.createElement("iframe"), { name: "answer", onload: () => resolve("sent") });
    const form = Object.assign(document.createElement("form"), {
      method: "POST", enctype: "text/plain", action: address + "/api/sessions", target: "answer",
    });
    const [start, end] = [body.slice(0, -1) + ',"title":"', '"}'];
    form.append(Object.assign(document.createElement("input"), { name: start, value: end }));
    document.body.append(frame, form);
    form.submit();
    setTimeout(() => resolve("sent"), 1000);
  }));
  await attempt("socket", () => new Promise((resolve) => {
    const socket = new WebSocket(address.replace("http", "ws") + "/socket");
    socket.onopen = () => { socket.send('{"type":"auth","key":"x"}'); };
    socket.onmessage = ({ data }) => resolve("RECEIVED " + data);
    socket.onclose = () => resolve("closed");
  }));
  return came;
}`;

const REFUSED = {
  "read": "TypeError",
  "read without credentials": "TypeError",
  "read the page": "TypeError",
  "read health": "TypeError",
  "read blindly": "TypeError",
  "launch": "TypeError",
  "launch blindly": "TypeError",
  "stop all blindly": "TypeError",
  "sign in blindly": "TypeError",
  // A page of another origin cannot read an opaque answer; it is a refusal, as the statuses show.
  "agent port": "opaque",
  "script": "failed",
  "data as script": "failed",
  "style": "failed",
  "image": "failed",
  "frame": "cross-origin",
  "form": "sent",
  "socket": "closed",
};

browserTest("a page on another port can read, launch, stop, frame and connect to nothing", async (scene) => {
  const program = await scene.start();
  const api = await signIn(program);
  const { id } = await api.launch({ cwd: scene.workDirectory, command: "sleep 1000" });
  const { agentAddress } = await api.call<StatusView>("/api/status");
  const shell = await (await fetch(`${program.address}/`)).text();
  const asset = /src="([^"]+\.js)"/.exec(shell)?.[1];
  const launch = { cwd: scene.workDirectory, command: "touch owned" };
  const tab = await scene.open(program);
  await using attacker = serveAttacker();
  for (const host of ["127.0.0.1", "localhost"]) {
    const page = await tab.page.context().newPage();
    const answers = followAnswers(page, [program.address, agentAddress]);
    await page.goto(`http://${host}:${attacker.port}/`);
    const given = JSON.stringify({ address: program.address, agentAddress, asset, launch });
    const came = await page.evaluate<Record<string, string>>(`(${ATTEMPTS})(${given})`);
    assert.deepEqual(came, REFUSED, host);
    assert.ok(answers.length > 0, "what the browser lets through is refused by the program");
    assert.deepEqual(answers.filter(({ status }) => status < 400), [], host);
    const framed = page.frames().filter((frame) => frame.url().startsWith(program.address));
    assert.deepEqual(framed, [], "nothing of ours is shown in a frame");
    await page.close();
  }
  const { items } = await api.call<{ items: SessionView[] }>("/api/sessions");
  assert.deepEqual(items.map((each) => [each.id, each.lifecycle]), [[id, "running"]]);
  await assert.rejects(Deno.stat(`${scene.workDirectory}/owned`), Deno.errors.NotFound);
  await tab.page.reload();
  await tab.get("fleet-view").waitFor();
}, { expectTroubles: true });

browserTest(
  "what programs and people write is shown as text, never run, and links go to the web only",
  async (scene) => {
    const program = await scene.start();
    const api = await signIn(program);
    const markup = `<img src=x onerror="globalThis.owned=1"><b>bold</b>`;
    const evil = `printf '\\033]0;<script>owned=1</script>\\007${markup}\\n' ; ` +
      `printf '\\033]8;;javascript:globalThis.owned=1\\033\\\\click me\\033]8;;\\033\\\\\\n'; cat`;
    const { id } = await api.launch({ cwd: scene.workDirectory, command: evil, title: markup });
    const tab = await scene.open(program, { path: `/s/${id}` });
    await tab.untilText("click me");
    const { page } = tab;
    const line = page.locator(".xterm-screen");
    const box = await line.boundingBox();
    assert.ok(box);
    await page.keyboard.down("Control");
    for (const y of [8, 24, 40]) await page.mouse.click(box.x + 20, box.y + y);
    await page.keyboard.up("Control");
    for (const path of ["/", `/s/${id}/details`, "/new"]) {
      await page.goto(program.address + path);
      await tab.get("session-row").getByText(markup).waitFor();
    }
    await page.keyboard.press("Control+K");
    await tab.get("palette-input").fill("img");
    await tab.get("palette").getByText(markup).first().waitFor();
    await until(async () => await page.locator("#app img, #app b").count() === 0, () => "no markup");
    assert.equal(await page.evaluate("globalThis.owned"), undefined);
    assert.equal(page.context().pages().length, 1);
  },
);

/** Somebody else's page, on a port of its own. */
function serveAttacker(): { port: number } & AsyncDisposable {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    () =>
      new Response("<!doctype html><title>Elsewhere</title><body>", {
        headers: { "content-type": "text/html" },
      }),
  );
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** What a page was answered, but for what is public: the empty shell and its assets. */
function followAnswers(
  page: Page,
  [address, agentAddress]: [string, string],
): { path: string; status: number }[] {
  const answers: { path: string; status: number }[] = [];
  page.on("response", (response) => {
    const url = new URL(response.url());
    const isOurs = url.origin === agentAddress ||
      (url.origin === address && /^\/(api|socket)/.test(url.pathname));
    if (isOurs) {
      answers.push({ path: url.pathname, status: response.status() });
    }
  });
  return answers;
}
