import assert from "node:assert/strict";
import { maskSecrets } from "./secrets.ts";

const A40 = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzA9Kq21Zx8";
const HEX32 = "0af3b19c7d5e2468ace013579bdf8642";
const WORDS36 = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
const TOKENS: Record<string, string> = {
  Anthropic: "sk-ant-api03-" + WORDS36,
  OpenAI: "sk-" + WORDS36,
  "OpenAI project": "sk-proj-" + WORDS36 + "_" + WORDS36,
  "LiteLLM virtual": "sk-1234567890abcdef12",
  Google: "AIzaSy" + WORDS36.slice(0, 33),
  "Hugging Face": "hf_" + WORDS36.slice(0, 34),
  Groq: "gsk_" + WORDS36,
  xAI: "xai-" + WORDS36 + WORDS36,
  "AWS access key": "AKIAIOSFODNN7EXAMPLE",
  "GitHub classic": "ghp_" + WORDS36,
  "GitHub fine-grained": "github_pat_11ABCDEFG0" + WORDS36,
  GitLab: "glpat-" + WORDS36.slice(0, 20),
  "Slack bot": "xoxb-123456789012-123456789012-" + WORDS36.slice(0, 24),
  "Slack app": "xapp-1-A012B3C4D5-1234567890-" + HEX32,
  Stripe: "sk_live_" + WORDS36.slice(0, 24),
  SendGrid: "SG." + WORDS36.slice(0, 22) + "." + WORDS36,
  Twilio: "SK" + HEX32,
  npm: "npm_" + WORDS36,
  PyPI: "pypi-AgEIcHlwaS5vcmc" + WORDS36 + WORDS36,
  DigitalOcean: "dop_v1_" + HEX32 + HEX32,
  Vault: "hvs." + WORDS36,
  Telegram: "123456789:AA" + WORDS36.slice(0, 33),
  JWT: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
};

Deno.test("maskSecrets hides keys of known makers wherever they stand", () => {
  for (const [maker, token] of Object.entries(TOKENS)) {
    const dots = "•".repeat(token.length);
    for (const [before, after] of [["", ""], ["see ", " there"], ['"', '",'], ["(", ")"], ["\n+ ", "\n"]]) {
      const masked = maskSecrets(before + token + after);
      assert.deepEqual(masked, { text: before + dots + after, count: 1 }, maker);
    }
  }
});

/** `«` and `»` stand around what has to be hidden. */
const MARKED = [
  "password=«hunter2»",
  "PASSWORD=«correcthorse»",
  "export DB_PASSWORD='«p@ss;w(rd &1»'",
  "DB_PASSWORD=«p@ss;w(rd&1»",
  '  "password": "«hunter2»",',
  '{\\"password\\":\\"«hunter2»\\"}',
  'password = "«pa\\"ss»"',
  "  password: «correcthorse»",
  "POSTGRES_PASSWORD: «postgres1»",
  "+  db_passwd: «s3cretly»",
  'const password: string = "«hunter22»";',
  "connect(host, password='«letmein»')",
  "mysql --password=«letmein» -h db",
  "tool --password «letmein» --verbose",
  "https://h/?user=a&password=«abc1»&x=1",
  `aws_secret_access_key = «${A40}»`,
  `AWS_SECRET_ACCESS_KEY=«${A40}»`,
  `"api_key": "«${HEX32}»"`,
  `apiKey: "«${WORDS36}»"`,
  "X-Api-Key: «550e8400-e29b-41d4-a716-446655440000»",
  `token = «${HEX32}»`,
  `AccountKey=«${A40}==»;EndpointSuffix=x`,
  `Authorization: Bearer «${WORDS36}»`,
  `curl -H "authorization: bearer «${WORDS36}»" x`,
  "Authorization: Basic «dXNlcjpwYXNz»",
  "git clone https://me:«p4ss»@example.com/a.git",
  "postgres://app:«p%40ss:word»@db:5432/app",
  "redis://:«hunter2»@cache/0",
  `https://«${HEX32}»@host/x`,
  "curl -u admin:«hunter2» http://x",
  "machine example.com login me password «letmein»",
  `https://hooks.slack.com/services/«T0AAAAAAA/B0AAAAAAA/${WORDS36.slice(0, 24)}»`,
  `https://x.blob/y?se=2026&sig=«${WORDS36}%3D»`,
  "client_secret=«abcd1234»",
];

Deno.test("maskSecrets hides what is given to names of secrets and nothing around it", () => {
  for (const marked of MARKED) {
    const secret = /«(.*)»/.exec(marked)?.[1] ?? "";
    const plain = marked.replace(/[«»]/g, "");
    const expected = marked.replace(/«.*»/, secret.replace(/\S/g, "•"));
    assert.deepEqual(maskSecrets(plain), { text: expected, count: 1 });
  }
});

const HARMLESS = [
  "commit 90628e9a1c2b3d4e5f60718293a4b5c6d7e8f901",
  "index 90628e9..f366a5e 100644",
  "id: 550e8400-e29b-41d4-a716-446655440000",
  '"integrity": "sha512-9Zb9kLwJ8q1x2yV3nQmP4rT5uA6sD7fG8hJ9kL0zXcVbNmQwErTyUiOpAsDfGhJkLzXcVbNm=="',
  "checksum = 6a1e0f3c9b8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f",
  'src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5"',
  "password: string;",
  "interface A {\n  password: string\n}",
  "const password = getPassword();",
  "const token = request.headers.get('x');",
  "apiKey: process.env.API_KEY,",
  "password=$DB_PASSWORD",
  'password="${PASSWORD}"',
  "PASSWORD=<your password>",
  "password = user.password",
  'label: "Enter your password: and go on"',
  '"password": "Enter your password"',
  '<input type="password" name="password" />',
  "if (password === undefined) return;",
  "max_tokens: 4096, total_tokens=81772",
  "inputTokens: 12345, tokenCount = readTokenCount2(x)",
  "const token = config2FromEnvironment;",
  "PWD=/home/dev/repo",
  "secretName: my-tls-certificate",
  "the secret of a good task-list-with-many-words is order",
  "docker run -u 1000:1000 image",
  "date -u +%H:%M",
  "http://127.0.0.1:4517/path@2x.png",
  "git@github.com:owner/repository.git",
  'import x from "npm:@scope/name@1.2.3";',
  'key: "session-1", cacheKey: "abcdef1234567890abcdef"',
  "bearer of good news, basic authentication",
  "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END CERTIFICATE-----",
  "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
];

Deno.test("maskSecrets leaves hashes, ids, images, code about passwords and public keys alone", () => {
  for (const text of HARMLESS) assert.deepEqual(maskSecrets(text), { text, count: 0 });
});

Deno.test("maskSecrets hides the body of a private key on many lines, in a diff, in a string and broken off", () => {
  const body = "MIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASC+BKcwggSjAgEAAoIBAQ\nCq/9==";
  const hidden = body.replace(/\S/g, "•");
  const around = (middle: string): string =>
    `a\n-----BEGIN RSA PRIVATE KEY-----\n${middle}\n-----END RSA PRIVATE KEY-----\nb`;
  assert.deepEqual(maskSecrets(around(body)), { text: around(hidden), count: 1 });
  const inDiff = (text: string): string => text.replaceAll("\n", "\n+");
  assert.deepEqual(maskSecrets(inDiff(around(body))), { text: inDiff(around(hidden)), count: 1 });
  const inString = '"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBg\\nCq9=\\n-----END PRIVATE KEY-----\\n"';
  assert.doesNotMatch(maskSecrets(inString).text, /MIIE|Cq9/);
  const brokenOff = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}`;
  assert.equal(maskSecrets(brokenOff).text, `-----BEGIN OPENSSH PRIVATE KEY-----\n${hidden}`);
  const encrypted = maskSecrets(around(`Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0AF3\n\n${body}`)).text;
  assert.doesNotMatch(encrypted, /MIIE|0AF3|AASC/);
  const mentioned = 'const HEAD = "-----BEGIN PRIVATE KEY-----"; // not a key\nrest of the file stays\n';
  assert.deepEqual(maskSecrets(mentioned), { text: mentioned, count: 0 });
});

Deno.test("maskSecrets hides the values it is told, and counts a secret once however it was found", () => {
  const known = "plain-known-value";
  assert.deepEqual(maskSecrets(`x ${known} y ${known}`, [known, "short"]), {
    text: `x ${"•".repeat(known.length)} y ${"•".repeat(known.length)}`,
    count: 2,
  });
  const token = "sk-ant-api03-" + WORDS36;
  assert.deepEqual(maskSecrets(`ANTHROPIC_API_KEY="${token}"`), {
    text: `ANTHROPIC_API_KEY="${"•".repeat(token.length)}"`,
    count: 1,
  });
});

Deno.test("maskSecrets keeps length and line feeds", () => {
  const text = MARKED.concat(HARMLESS, Object.values(TOKENS)).join("\r\n").replace(/[«»]/g, "");
  const masked = maskSecrets(text);
  assert.equal(masked.text.length, text.length);
  assert.deepEqual(
    [...masked.text.matchAll(/\r\n/g)].map((m) => m.index),
    [
      ...text.matchAll(/\r\n/g),
    ].map((m) => m.index),
  );
  assert.equal(masked.count, MARKED.length + Object.keys(TOKENS).length);
});

const HOSTILE = [
  "a",
  "sk-",
  "sk-a-",
  "eyJ",
  "eyJaaaaaaaa.",
  "eyJaaaaaaaa.eyJaaaaaaaa",
  "://a:",
  "://a:b",
  "://aaaaaaaaaaaaaaaaaaaaaaaa1",
  "password",
  "password=",
  "password='",
  'token="',
  "token=",
  "password: string =",
  "password \t",
  '\\"password\\":\\"',
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN PRIVATE KEY-----\n+",
  "-----END",
  "+",
  "Bearer ",
  "Bearer a",
  " -u a:",
  "login a password ",
  "?sig=",
  "key-0",
  "SG.aaaaaaaaaaaaaaaa",
  "hooks.slack.com/services/",
  "export ",
  "--password ",
  "[ \t",
  "A_",
  "0a",
];

Deno.test("maskSecrets takes time in proportion to a hostile line", () => {
  const short = 32 * 1024;
  for (const unit of HOSTILE) {
    const time = (chars: number): number => {
      const text = unit.repeat(Math.ceil(chars / unit.length));
      const before = performance.now();
      assert.equal(maskSecrets(text).text.length, text.length);
      return performance.now() - before;
    };
    time(short);
    const first = Math.max(5, time(short), time(short));
    const ratio = Math.min(time(16 * short), time(16 * short), time(16 * short)) / first;
    // Quadratic time would be 256 times as long.
    assert.ok(ratio < 128, `${JSON.stringify(unit)} took ${ratio} times as long for 16 times the text`);
  }
});

const HEADS = [
  "sk-1",
  "sk-ant-a1",
  "ghp_",
  "eyJaaaaaaaa",
  "eyJaaaaaaaa.eyJaaaaaaaa",
  "eyJaaaaaaaa.eyJaaaaaaaa.",
  "password=",
  "password='",
  "token=1",
  "Bearer 1",
  "://u:",
  "://u1",
  "-----BEGIN PRIVATE KEY-----\n",
  "xoxb-",
  "SG.",
  "SG.aaaaaaaaaaaaaaaaa.",
];

Deno.test("maskSecrets takes a word of 10 MB", () => {
  for (const head of HEADS) {
    const text = head + "a".repeat(10_000_000);
    const masked = maskSecrets(text).text;
    assert.equal(masked.length, text.length);
    if (/^(sk|gh|xoxb|password|token)/.test(head)) assert.equal(masked.at(-1), "•", head);
  }
});
