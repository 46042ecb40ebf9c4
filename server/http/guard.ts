// Decides, before any routing, whether a request to the page's listener may go on. Pure: facts in, verdict out.
import type { ErrorCode } from "../errors.ts";

/** What a route needs; DESIGN section 6 has the table. */
export type RouteClass = "shell" | "health" | "login" | "api" | "socket";

/** The parts of a request that the decision rests on, as received. */
export interface RequestFacts {
  method: string;
  /** Host of the request target as the runtime understood it. */
  urlHost: string;
  pathname: string;
  search: string;
  headers: Headers;
}

export type Verdict =
  | { verdict: "pass"; routeClass: RouteClass }
  | { verdict: "redirect"; location: string }
  | { verdict: "refuse"; code: ErrorCode };

const SAFE_METHODS = new Set(["GET", "HEAD"]);
const API_METHODS = new Set(["GET", "HEAD", "POST", "PATCH", "DELETE"]);
const OVERRIDE_HEADERS = ["x-http-method-override", "x-http-method", "x-method-override"];

/** `port` is the one the page's listener is bound to on 127.0.0.1. */
export function guardRequest(facts: RequestFacts, port: number): Verdict {
  const routeClass = classifyRoute(facts.pathname);
  const host = facts.headers.get("host");
  if (host === null || host !== facts.urlHost) return refuse(host === null ? "forbidden" : "invalid");
  if (host === `localhost:${port}` && routeClass === "shell" && SAFE_METHODS.has(facts.method)) {
    return { verdict: "redirect", location: `http://127.0.0.1:${port}${facts.pathname}${facts.search}` };
  }
  if (host !== `127.0.0.1:${port}`) return refuse("forbidden");
  const refusal = refuseMethod(facts, routeClass) ??
    refuseOrigin(facts, { routeClass, origin: `http://${host}` }) ??
    refuseBodyType(facts);
  return refusal === undefined ? { verdict: "pass", routeClass } : refuse(refusal);
}

function classifyRoute(pathname: string): RouteClass {
  if (pathname === "/health") return "health";
  if (pathname === "/socket") return "socket";
  if (pathname === "/api/login") return "login";
  return pathname === "/api" || pathname.startsWith("/api/") ? "api" : "shell";
}

function refuseMethod({ method, headers }: RequestFacts, routeClass: RouteClass): ErrorCode | undefined {
  if (method === "OPTIONS") return "forbidden";
  const allowed = routeClass === "api"
    ? API_METHODS
    : routeClass === "login"
    ? new Set(["POST"])
    : SAFE_METHODS;
  if (!allowed.has(method) || OVERRIDE_HEADERS.some((name) => headers.has(name))) return "method_not_allowed";
  return undefined;
}

function refuseOrigin(
  { method, headers }: RequestFacts,
  expected: { routeClass: RouteClass; origin: string },
): ErrorCode | undefined {
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && !isNavigation(headers, expected.routeClass)) {
    return "forbidden";
  }
  const origin = headers.get("origin");
  if (origin !== null && origin !== expected.origin) return "forbidden";
  const needsOrigin = !SAFE_METHODS.has(method) || expected.routeClass === "socket";
  return needsOrigin && origin === null ? "forbidden" : undefined;
}

/** The page without data may be opened from anywhere, but only as a top-level document. */
function isNavigation(headers: Headers, routeClass: RouteClass): boolean {
  if (routeClass !== "shell" && routeClass !== "health") return false;
  if (headers.get("sec-fetch-site") === "none") return true;
  return headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
}

function refuseBodyType({ method, headers }: RequestFacts): ErrorCode | undefined {
  if (SAFE_METHODS.has(method)) return undefined;
  const type = headers.get("content-type");
  const hasBody = headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0;
  if (type === null && !hasBody) return undefined;
  return type !== null && /^application\/json(\s*;\s*charset=utf-8)?$/i.test(type)
    ? undefined
    : "unsupported_media";
}

function refuse(code: ErrorCode): Verdict {
  return { verdict: "refuse", code };
}
