import assert from "node:assert/strict";
import { Credentials } from "../credentials.ts";
import { FakeStore } from "../testing/fake_store.ts";
import { type Access, AccessModel } from "./access.ts";

function setUp(options: { key?: string; hasCode?: boolean; fails?: boolean } = {}): {
  access: Access;
  credentials: Credentials;
  codes: string[];
} {
  const credentials = new Credentials(new FakeStore());
  if (options.key !== undefined) credentials.save(options.key);
  const codes: string[] = [];
  const access = new AccessModel({
    api: {
      login: (code) => {
        codes.push(code);
        return options.fails
          ? Promise.reject(new Error("used before"))
          : Promise.resolve({ pageKey: "fresh" });
      },
      logout: () => Promise.resolve(),
      logoutAll: () => Promise.resolve(),
    },
    credentials,
    hasCode: options.hasCode ?? false,
  });
  return { access, credentials, codes };
}

Deno.test("without a key the page is locked until a code or an address is accepted", async () => {
  const { access, credentials, codes } = setUp();
  assert.equal(access.state.value, "locked");
  await access.unlock("hello you");
  assert.match(access.error.value ?? "", /neither/);
  await access.unlock("http://127.0.0.1:4517/#k=abcdefgh");
  assert.deepEqual(codes, ["abcdefgh"]);
  assert.equal(access.state.value, "open");
  assert.equal(credentials.pageKey, "fresh");
});

Deno.test("a code in the address is tried before anything shows; a used one locks nobody out", async () => {
  const { access } = setUp({ key: "old", hasCode: true, fails: true });
  assert.equal(access.state.value, "entering");
  await access.unlock("abcdefgh");
  assert.equal(access.state.value, "open");
});

Deno.test("a refused code says why", async () => {
  const { access } = setUp({ fails: true });
  await access.unlock("abcdefgh");
  assert.equal(access.state.value, "locked");
  assert.equal(access.error.value, "used before");
});

Deno.test("signing out and being refused forget the key", async () => {
  const { access, credentials } = setUp({ key: "k" });
  await access.signOut("here");
  assert.equal(access.state.value, "locked");
  assert.equal(credentials.pageKey, undefined);
  credentials.save("from another tab");
  access.sync();
  assert.equal(access.state.value, "open");
  access.lock();
  assert.equal(credentials.pageKey, undefined);
});
