import assert from "node:assert/strict";
import { findViolations, parseImports } from "./check_imports.ts";

function check(files: Record<string, string>): string[] {
  return findViolations(new Map(Object.entries(files)));
}

Deno.test("an import of another room's code is a violation, of its types is not", () => {
  const code = check({ "server/sessions/a.ts": 'import { SessionTable } from "../store/sessions.ts";' });
  assert.deepEqual(code, ["server/sessions/a.ts: may not import server/store/sessions.ts"]);
  assert.deepEqual(
    check({ "server/sessions/a.ts": 'import type { SessionTable } from "../store/sessions.ts";' }),
    [],
  );
  assert.deepEqual(
    check({ "server/sessions/a.ts": 'import { type A, type B } from "../store/sessions.ts";' }),
    [],
  );
});

Deno.test("the page may use the protocol and nothing else of the server", () => {
  assert.deepEqual(check({ "ui/a.ts": 'import { FRAME } from "../server/protocol.ts";' }), []);
  assert.equal(check({ "ui/a.ts": 'import { AppError } from "../server/errors.ts";' }).length, 1);
});

Deno.test("a model may not import a component", () => {
  assert.equal(check({ "ui/models/a.ts": 'import { B } from "../views/B.tsx";' }).length, 1);
});

Deno.test("only the configuration reads the environment", () => {
  assert.equal(check({ "server/pty/a.ts": "Deno.env.get('HOME')" }).length, 1);
  assert.deepEqual(check({ "server/config.ts": "Deno.env.get('HOME')" }), []);
});

Deno.test("circles of code are found, circles of types are not", () => {
  const a = 'import { b } from "./b.ts";';
  assert.equal(check({ "server/pty/a.ts": a, "server/pty/b.ts": 'import { a } from "./a.ts";' }).length, 1);
  assert.deepEqual(
    check({ "server/pty/a.ts": a, "server/pty/b.ts": 'import type { a } from "./a.ts";' }),
    [],
  );
});

Deno.test("imports over several lines and without names are read", () => {
  const text = 'import {\n  type A,\n  b,\n} from "./b.ts";\nimport "./c.css";\nexport { d } from "./d.ts";';
  assert.deepEqual(parseImports("ui/a.ts", text).map(({ to, typeOnly }) => [to, typeOnly]), [
    ["ui/b.ts", false],
    ["ui/c.css", false],
    ["ui/d.ts", false],
  ]);
});
