import assert from "node:assert/strict";
import { secretsOfEnvironment } from "./environment_secrets.ts";

Deno.test("keys of the environment are known, paths and words are not taken for keys", () => {
  const secrets = secretsOfEnvironment({
    LITELLM_API_KEY: "sk-1234",
    GITHUB_TOKEN: "abcdefghijklmnop",
    SSH_KEY_PATH: "/home/dev/.ssh/id_ed25519",
    TOKEN_MODE: "true",
    PATH: "/usr/bin",
  });
  assert.deepEqual(secrets, ["sk-1234", "abcdefghijklmnop"]);
});
