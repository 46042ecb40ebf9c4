import assert from "node:assert/strict";
import { guardRequest, type Verdict } from "./guard.ts";

const PORT = 4517;
const HOST = "127.0.0.1:4517";
const ORIGIN = "http://127.0.0.1:4517";

function guard(
  request: { method?: string; path?: string; urlHost?: string; headers?: Record<string, string | null> },
): Verdict {
  const headers = new Headers({ host: HOST });
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return guardRequest({
    method: request.method ?? "GET",
    urlHost: request.urlHost ?? headers.get("host") ?? "localhost",
    pathname: request.path ?? "/api/sessions",
    search: "",
    headers,
  }, PORT);
}

const passes: [string, Parameters<typeof guard>[0]][] = [
  ["the page from the address bar", { path: "/", headers: { "sec-fetch-site": "none" } }],
  ["the page from a link elsewhere", {
    path: "/s/1",
    headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
  }],
  ["a script of the page", { path: "/app.js", headers: { "sec-fetch-site": "same-origin" } }],
  ["health without a browser", { path: "/health" }],
  ["an api read", { headers: { "sec-fetch-site": "same-origin" } }],
  ["an api write", { method: "POST", headers: { origin: ORIGIN, "content-type": "application/json" } }],
  ["an api write with a charset", {
    method: "POST",
    headers: { origin: ORIGIN, "content-type": "application/json; charset=UTF-8" },
  }],
  ["an api write without a body", { method: "DELETE", headers: { origin: ORIGIN } }],
  ["the socket", { path: "/socket", headers: { origin: ORIGIN } }],
];
for (const [name, request] of passes) {
  Deno.test(`the guard lets ${name} pass`, () => assert.equal(guard(request).verdict, "pass"));
}

const refusals: [string, string, Parameters<typeof guard>[0]][] = [
  ["a missing host", "forbidden", { headers: { host: null } }],
  ["another host name", "forbidden", { headers: { host: "evil.example:4517" } }],
  ["a rebound name with our port", "forbidden", { headers: { host: "127.0.0.1.evil.example:4517" } }],
  ["another port", "forbidden", { headers: { host: "127.0.0.1:4518" } }],
  ["no port", "forbidden", { headers: { host: "127.0.0.1" } }],
  ["another loopback address", "forbidden", { headers: { host: "127.0.0.2:4517" } }],
  ["a decimal address", "forbidden", { headers: { host: "2130706433:4517" } }],
  ["the IPv6 loopback", "forbidden", { headers: { host: "[::1]:4517" } }],
  ["user information in the host", "forbidden", { headers: { host: "127.0.0.1:4517@evil" } }],
  ["localhost for the api", "forbidden", { headers: { host: "localhost:4517" } }],
  ["localhost for the socket", "forbidden", {
    path: "/socket",
    headers: { host: "localhost:4517", origin: ORIGIN },
  }],
  ["a target that names another host", "invalid", { urlHost: "evil.example" }],
  ["a foreign origin", "forbidden", { headers: { origin: "http://evil.example" } }],
  ["an origin on another port", "forbidden", { headers: { origin: "http://127.0.0.1:3000" } }],
  ["the origin localhost", "forbidden", { headers: { origin: "http://localhost:4517" } }],
  ["a secure origin", "forbidden", { headers: { origin: "https://127.0.0.1:4517" } }],
  ["an origin that begins like ours", "forbidden", { headers: { origin: ORIGIN + ".evil.example" } }],
  ["the null origin", "forbidden", { headers: { origin: "null" } }],
  ["an empty origin", "forbidden", { headers: { origin: "" } }],
  ["a write without an origin", "forbidden", {
    method: "POST",
    headers: { "content-type": "application/json" },
  }],
  ["a socket without an origin", "forbidden", { path: "/socket" }],
  ["a cross-site api read", "forbidden", { headers: { "sec-fetch-site": "cross-site" } }],
  ["a same-site api read", "forbidden", { headers: { "sec-fetch-site": "same-site" } }],
  ["an api read from the address bar", "forbidden", { headers: { "sec-fetch-site": "none" } }],
  ["the page in a frame", "forbidden", {
    path: "/",
    headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
  }],
  ["our script from another site", "forbidden", {
    path: "/app.js",
    headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" },
  }],
  ["a preflight", "forbidden", { method: "OPTIONS", headers: { origin: ORIGIN } }],
  ["TRACE", "method_not_allowed", { method: "TRACE" }],
  ["PUT", "method_not_allowed", { method: "PUT", headers: { origin: ORIGIN } }],
  ["a write to the page", "method_not_allowed", { method: "POST", path: "/", headers: { origin: ORIGIN } }],
  ["a GET of the login", "method_not_allowed", { path: "/api/login" }],
  ["an overridden method", "method_not_allowed", { headers: { "x-http-method-override": "DELETE" } }],
  ["a form", "unsupported_media", {
    method: "POST",
    headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
  }],
  ["text that might be JSON", "unsupported_media", {
    method: "POST",
    headers: { origin: ORIGIN, "content-type": "text/plain" },
  }],
  ["a body without a type", "unsupported_media", {
    method: "POST",
    headers: { origin: ORIGIN, "content-length": "2" },
  }],
  ["another type that begins like JSON", "unsupported_media", {
    method: "POST",
    headers: { origin: ORIGIN, "content-type": "application/json-seq" },
  }],
];
for (const [name, code, request] of refusals) {
  Deno.test(`the guard refuses ${name}`, () => assert.deepEqual(guard(request), { verdict: "refuse", code }));
}

Deno.test("the guard leads localhost to the one true address, for the page only", () => {
  assert.deepEqual(guard({ path: "/s/1", headers: { host: "localhost:4517" } }), {
    verdict: "redirect",
    location: "http://127.0.0.1:4517/s/1",
  });
});
