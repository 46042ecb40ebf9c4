// What a session left: a list without contents, one thing opened, and that as a file.
import { Hono } from "hono";
import * as z from "zod";
import type { ArtifactPlace } from "../../artifacts/artifact_list.ts";
import type { ArtifactDetail, ArtifactFormat, ArtifactKind } from "../../protocol.ts";
import type { AppDependencies, AppEnv } from "../app_dependencies.ts";
import { checkShape } from "../json_body.ts";
import { sessionId } from "./session_id.ts";

const MAX_PAGE = 200;
const KINDS = [
  "resume",
  "snapshot",
  "summary",
  "revert",
  "budget",
  "end",
  "input",
  "notification",
  "clipboard",
  "notice",
  "marker",
] as const satisfies ArtifactKind[];

const CURSOR = z.tuple([z.int(), z.int().min(0), z.int()]);
const LIST = z.object({
  kind: z.string().transform((text) => text.split(",")).pipe(z.array(z.enum(KINDS))).exactOptional(),
  q: z.string().trim().min(1).max(200).exactOptional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  cursor: z.string().max(100).transform(parseCursor).exactOptional(),
});
const SECRETS = { secrets: z.literal("show").exactOptional() };
const OPEN = z.object(SECRETS);
const DOWNLOAD = z.object({ ...SECRETS, format: z.enum(["text", "json"]).default("text") });
const CONTENT_TYPES: Record<ArtifactFormat, string> = {
  text: "text/plain; charset=utf-8",
  json: "application/json",
};

export function artifactRoutes({ sessions, artifacts }: AppDependencies): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/:id/artifacts", (c) => {
      const { id } = sessions.get(sessionId(c));
      const { kind, ...query } = checkShape(c.req.query(), LIST);
      return c.json(artifacts.list(id, { ...query, ...(kind ? { kinds: kind } : {}) }));
    })
    .get("/:id/artifacts/:artifactId", (c) => {
      const { id } = sessions.get(sessionId(c));
      const { secrets } = checkShape(c.req.query(), OPEN);
      return c.json(artifacts.get(id, c.req.param("artifactId"), { show: secrets === "show" }));
    })
    .get("/:id/artifacts/:artifactId/download", (c) => {
      const { id } = sessions.get(sessionId(c));
      const { secrets, format } = checkShape(c.req.query(), DOWNLOAD);
      const artifact = artifacts.get(id, c.req.param("artifactId"), { show: secrets === "show" });
      const name = `${artifact.id}.${format === "json" ? "json" : "txt"}`;
      return c.body(format === "json" ? JSON.stringify(artifact, null, 2) + "\n" : asText(artifact), 200, {
        "content-type": CONTENT_TYPES[format],
        "content-disposition": `attachment; filename="${name}"`,
      });
    });
}

/** Head, facts and content. */
function asText({ title, atMs, facts, content }: ArtifactDetail): string {
  const head = [
    `${title}, ${new Date(atMs).toISOString()}`,
    ...facts.map(({ name, value }) => `${name}: ${value}`),
  ];
  return `${head.join("\n")}\n\n${content}\n`;
}

function parseCursor(text: string, context: z.RefinementCtx): ArtifactPlace {
  try {
    return CURSOR.parse(JSON.parse(text));
  } catch {
    context.addIssue("is not a cursor of a list"); // whatever it was instead, that is all there is to say
    return z.NEVER;
  }
}
