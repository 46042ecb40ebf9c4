import assert from "node:assert/strict";
import { findAgent, parsePlainCommand } from "./command.ts";

Deno.test("a plain word list is split by the shell's quoting rules", () => {
  assert.deepEqual(parsePlainCommand(`claude --model x -p "say hi" 'a b' c\\ d ""`)?.words, [
    "claude",
    "--model",
    "x",
    "-p",
    "say hi",
    "a b",
    "c d",
    "",
  ]);
});

Deno.test("assignments before the program become environment variables", () => {
  assert.deepEqual(parsePlainCommand("A=1 B='x y' codex exec"), {
    assignments: { A: "1", B: "x y" },
    words: ["codex", "exec"],
  });
});

for (
  const command of [
    "a | b",
    "a && b",
    "echo $HOME",
    "ls *.ts",
    "echo `x`",
    "(a)",
    "a > b",
    "cd x",
    'echo "$A"',
    "echo 'open",
    "",
    "A=1",
    "~/bin/x",
    "a\nb",
  ]
) {
  Deno.test(`a shell is needed for ${JSON.stringify(command)}`, () => {
    assert.equal(parsePlainCommand(command), undefined);
  });
}

for (
  const [command, kind] of [
    ["claude", "claude"],
    ["claude --model x -p hi", "claude"],
    ["/opt/tools/claude --resume abc", "claude"],
    ["env -i A=1 codex", "codex"],
    ["env -u X claude", "claude"],
    ["npx claude", "claude"],
    ["npx -y @anthropic-ai/claude-code@2.1.330 -p hi", "claude"],
    ["npx --yes @openai/codex", "codex"],
    ["npx -p x @openai/codex@latest", "codex"],
    ["bash", "shell"],
    ["git status", "shell"],
    ["npx vite", "shell"],
    ["claudette", "shell"],
    ["echo claude", "shell"],
  ] as const
) {
  Deno.test(`the kind of "${command}" is ${kind}`, () => {
    assert.equal(findAgent(parsePlainCommand(command)?.words ?? [])?.kind ?? "shell", kind);
  });
}
