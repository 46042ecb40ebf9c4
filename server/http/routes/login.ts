// Signing in with a one-time code, and out again.
import { Hono } from "hono";
import * as z from "zod";
import type { LoginResponse } from "../../protocol.ts";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { loginCookie } from "../credentials.ts";
import { readJson } from "../json_body.ts";

const LOGIN = z.strictObject({ code: z.string().min(1).max(200) });

export function loginRoutes({ credentials, cookieName }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .post("/login", async (c) => {
      const { code } = await readJson(c.req.raw, LOGIN);
      const { cookie, pageKey } = credentials.exchange(code);
      c.header("set-cookie", loginCookie(cookieName, cookie));
      return c.json({ pageKey } satisfies LoginResponse);
    })
    .post("/logout", (c) => {
      credentials.revoke(c.get("loginId"));
      c.header("set-cookie", loginCookie(cookieName, ""));
      return c.json({});
    })
    .post("/logout-all", (c) => {
      credentials.revokeAll();
      c.header("set-cookie", loginCookie(cookieName, ""));
      return c.json({});
    });
}
