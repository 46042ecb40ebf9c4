// The page's listener: guard first, then routes, then one place that turns failures into answers.
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { AppError, ERROR_STATUS, type ErrorCode, publicError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { AppDependencies, AppEnv } from "./app_dependencies.ts";
import { readCookie } from "./credentials.ts";
import { guardRequest, type RouteClass } from "./guard.ts";
import { PageSocket } from "./page_socket.ts";
import { artifactRoutes } from "./routes/artifacts.ts";
import { changeRoutes } from "./routes/changes.ts";
import { launchRoutes } from "./routes/launch.ts";
import { ledgerRoutes } from "./routes/ledger.ts";
import { loginRoutes } from "./routes/login.ts";
import { moneyRoutes } from "./routes/money.ts";
import { recordingRoutes } from "./routes/recordings.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { settingsRoutes } from "./routes/settings.ts";
import { storageRoutes } from "./routes/storage.ts";
import { summaryRoutes, summarySettingsRoutes } from "./routes/summaries.ts";
import { survivorRoutes } from "./routes/survivors.ts";
import { addSecurityHeaders } from "./security_headers.ts";

const REFUSALS: Partial<Record<ErrorCode, string>> = {
  invalid: "The request is not understood",
  unauthorized: "Sign in first: run agents-fleet url and open the address it prints",
  forbidden: "This request may not be made from there",
  method_not_allowed: "This method is not allowed here",
  unsupported_media: "Send JSON: content-type application/json",
};

/** Builds the application; `fetch` answers requests. */
export function createApp(deps: AppDependencies): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(securityHeaders(deps.port));
  app.use(guard(deps));
  app.get("/health", (c) => c.json({ status: "ok" }));
  app.get("/socket", (c) => openSocket(deps, c.req.raw));
  app.route("/api", loginRoutes(deps));
  app.route("/api", launchRoutes(deps));
  app.route("/api/sessions", sessionRoutes(deps));
  app.route("/api/sessions", recordingRoutes(deps));
  app.route("/api/sessions", ledgerRoutes(deps));
  app.route("/api/sessions", artifactRoutes(deps));
  app.route("/api/sessions", changeRoutes(deps));
  app.route("/api", moneyRoutes(deps));
  app.route("/api/settings", settingsRoutes(deps));
  app.route("/api/sessions", summaryRoutes(deps));
  app.route("/api/summaries", summarySettingsRoutes(deps));
  app.route("/api/survivors", survivorRoutes(deps));
  app.route("/api/recordings", storageRoutes(deps));
  app.get("/api/status", (c) => c.json(deps.status()));
  app.get("*", (c) => servePage(deps, c));
  app.notFound((c) => c.json({ error: { code: "not_found", message: "There is nothing here" } }, 404));
  app.onError((cause, c) => answerError(deps.log, cause, c));
  return app;
}

/** The one way a failure becomes an answer; details of the unexpected go to the log only. */
export function answerError(log: Log, cause: unknown, c: Context): Response {
  const error = publicError(cause);
  if (error.code === "internal") {
    log.error("A request failed", { route: c.req.routePath, method: c.req.method, cause });
  }
  return c.json({ error }, ERROR_STATUS[error.code]);
}

function securityHeaders(port: number): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next();
    // The answer to an upgrade belongs to the runtime.
    if (c.res.status === 101) return;
    const nonce = c.get("nonce");
    addSecurityHeaders(c.res.headers, { port, ...(nonce === undefined ? {} : { nonce }) });
  };
}

function guard(deps: AppDependencies): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const url = new URL(c.req.url);
    const { method, headers } = c.req.raw;
    const facts = { method, headers, urlHost: url.host, pathname: url.pathname, search: url.search };
    const verdict = guardRequest(facts, deps.port);
    if (verdict.verdict === "redirect") return c.redirect(verdict.location, 302);
    if (verdict.verdict === "refuse") throw refusal(verdict.code);
    c.set("routeClass", verdict.routeClass);
    const setLogin = (id: number): void => c.set("loginId", id);
    checkCredentials(deps, { routeClass: verdict.routeClass, headers, setLogin });
    return await next();
  };
}

/** A built file, or the page itself for every path of the page's own. */
function servePage(deps: AppDependencies, c: Context<AppEnv>): Response | Promise<Response> {
  const { pathname } = new URL(c.req.url);
  const asset = deps.assets.get(pathname);
  if (asset) {
    const caching = asset.immutable ? "public, max-age=31536000, immutable" : "no-store";
    return c.body(asset.body, 200, { "content-type": asset.type, "cache-control": caching });
  }
  const isPage = c.get("routeClass") === "shell" && !/\.\w+$/.test(pathname);
  if (!isPage) throw new AppError("not_found", "There is nothing here");
  const { html, nonce } = deps.assets.renderShell();
  c.set("nonce", nonce);
  return c.html(html);
}

function checkCredentials(
  deps: AppDependencies,
  request: { routeClass: RouteClass; headers: Headers; setLogin: (id: number) => void },
): void {
  if (request.routeClass !== "api" && request.routeClass !== "socket") return;
  const cookie = readCookie(request.headers.get("cookie"), deps.cookieName);
  if (request.routeClass === "socket") {
    if (!deps.credentials.knowsCookie(cookie)) throw refusal("unauthorized");
    return;
  }
  const loginId = deps.credentials.check(cookie, request.headers.get("x-page-key") ?? undefined);
  if (loginId === undefined) throw refusal("unauthorized");
  request.setLogin(loginId);
}

function openSocket(deps: AppDependencies, request: Request): Response {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new AppError("invalid", "This address is for WebSockets only");
  }
  const cookie = readCookie(request.headers.get("cookie"), deps.cookieName);
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 40 });
  new PageSocket({ ...deps, socket, cookie });
  return response;
}

function refusal(code: ErrorCode): AppError {
  return new AppError(code, REFUSALS[code] ?? "The request was refused");
}
