// The session a route is about.
import type { Context } from "hono";
import { AppError } from "../../errors.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Throws `not_found` for anything that cannot be an id. */
export function sessionId(c: Context): string {
  const id = c.req.param("id") ?? "";
  if (!UUID.test(id)) throw new AppError("not_found", "There is no session with this id");
  return id;
}
