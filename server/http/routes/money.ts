// Budgets, notices and prices.
import { Hono } from "hono";
import * as z from "zod";
import type { BudgetChange } from "../../protocol.ts";
import { AppError } from "../../errors.ts";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { checkShape, readJson } from "../json_body.ts";
import { LIMITS } from "./sessions.ts";

const NOTICES_PER_PAGE = 100;

const CHANGE: z.ZodType<BudgetChange> = z.discriminatedUnion("scope", [
  z.strictObject({ scope: z.literal(["day", "week", "month"]), limits: LIMITS }),
  z.strictObject({ scope: z.literal("repository"), repository: z.string().min(1).max(4096), limits: LIMITS }),
  z.strictObject({ scope: z.literal("conversation"), conversationId: z.uuid(), limits: LIMITS }),
]);
const FOR_SESSION = z.object({ sessionId: z.uuid().exactOptional() });
const CURSOR = z.object({ cursor: z.coerce.number().int().min(1).exactOptional() });
const SEEN = z.strictObject({ upTo: z.int().min(0) });
const REPRICE = z.strictObject({ apply: z.boolean() });

export function moneyRoutes({ money, store, prices }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/budgets", (c) => {
      const { sessionId } = checkShape(c.req.query(), FOR_SESSION);
      const session = sessionId === undefined ? undefined : store.sessions.get(sessionId);
      if (sessionId !== undefined && !session) {
        throw new AppError("not_found", "There is no session with this id");
      }
      return c.json(money.budgets.list(session));
    })
    .patch("/budgets", async (c) => {
      const change = await readJson(c.req.raw, CHANGE);
      if (
        change.scope === "conversation" && store.sessions.listConversation(change.conversationId).length === 0
      ) {
        throw new AppError("not_found", "There is no conversation with this id");
      }
      return c.json(money.budgets.change(change));
    })
    .get("/notices", (c) => {
      return c.json(store.notices.list({ ...checkShape(c.req.query(), CURSOR), limit: NOTICES_PER_PAGE }));
    })
    .post("/notices/seen", async (c) => {
      store.notices.markSeen((await readJson(c.req.raw, SEEN)).upTo);
      return c.json({});
    })
    .get("/prices", async (c) => {
      await prices.ready();
      return c.json(prices.view());
    })
    .post("/prices/reprice", async (c) => {
      await prices.ready();
      const result = prices.reprice(await readJson(c.req.raw, REPRICE));
      if (result.applied) money.rowsChanged();
      return c.json(result);
    });
}
