import assert from "node:assert/strict";
import { parseRoute, type Route, routePath, RouterModel, type RouterWindow } from "./router.ts";

Deno.test("every route survives its own address", () => {
  const routes: Route[] = [
    { name: "fleet" },
    { name: "new" },
    { name: "new", cwd: "/a b/c&d", command: "echo 'x=1'" },
    { name: "session", id: "01a", tab: "terminal" },
    { name: "session", id: "01a", tab: "details" },
    { name: "session", id: "01a", tab: "terminal", at: 4096 },
    { name: "session", id: "01a", tab: "ledger" },
    { name: "session", id: "01a", tab: "ledger", view: "gate" },
    { name: "session", id: "01a", tab: "changes" },
    { name: "session", id: "01a", tab: "changes", changes: { from: 3, to: "now", file: "a%20b/c&d.ts" } },
    { name: "session", id: "01a", tab: "changes", changes: { from: 3, to: 14 } },
    { name: "session", id: "01a", tab: "artifacts" },
    { name: "session", id: "01a", tab: "artifacts", artifact: "event-34" },
    { name: "settings" },
    { name: "settings", section: "budgets" },
    { name: "settings", section: "about" },
  ];
  for (const route of routes) {
    const address = new URL(routePath(route), "http://127.0.0.1");
    assert.deepEqual(parseRoute(address.pathname, address.search), route);
  }
});

Deno.test("parseRoute calls everything else unknown", () => {
  for (
    const path of ["/s", "/s/1/nothing", "/s/1/details/more", "/spend", "/new/more", "/settings/nothing"]
  ) {
    assert.equal(parseRoute(path).name, "unknown", path);
  }
});

Deno.test("parseRoute ignores a place in the recording that is no number", () => {
  assert.deepEqual(parseRoute("/s/1", "?at=-4"), { name: "session", id: "1", tab: "terminal" });
  assert.deepEqual(parseRoute("/s/1", "?at=9e9"), { name: "session", id: "1", tab: "terminal" });
});

class FakeWindow implements RouterWindow {
  location = { pathname: "/", search: "" };
  entries: string[] = [];
  listener: (() => void) | undefined;
  history = {
    pushState: (_state: unknown, _title: string, path?: string | URL | null): void => {
      this.entries.push(String(path));
    },
    replaceState: (_state: unknown, _title: string, path?: string | URL | null): void => {
      this.entries.splice(-1, 1, String(path));
    },
  };
  addEventListener(_type: "popstate", listener: () => void): void {
    this.listener = listener;
  }
  removeEventListener(): void {
    this.listener = undefined;
  }
}

Deno.test("the router adds an entry per place and none for the place it is at", () => {
  const host = new FakeWindow();
  const router = new RouterModel(host);
  router.go({ name: "settings" });
  router.go({ name: "settings" });
  router.go({ name: "session", id: "1", tab: "terminal" });
  router.replace({ name: "session", id: "1", tab: "terminal", at: 5 });
  assert.deepEqual(host.entries, ["/settings", "/s/1?at=5"]);
  router[Symbol.dispose]();
});

Deno.test("the router follows back and forward until it is disposed", () => {
  const host = new FakeWindow();
  const router = new RouterModel(host);
  host.location = { pathname: "/s/7/details", search: "" };
  host.listener?.();
  assert.deepEqual(router.route.value, { name: "session", id: "7", tab: "details" });
  router[Symbol.dispose]();
  assert.equal(host.listener, undefined);
});
