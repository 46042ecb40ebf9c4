// The built page, read once into memory from where the program was packed or built.
import { randomBytes } from "node:crypto";

export interface Asset {
  body: Uint8Array<ArrayBuffer>;
  type: string;
  /** Its name holds a hash of its content, so browsers may keep it for ever. */
  immutable: boolean;
}

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  woff2: "font/woff2",
};
const NONCE_PLACEHOLDER = "__NONCE__";
const HASHED_NAME = /-[0-9A-Za-z]{8,}\.\w+$/;

export class Assets {
  readonly #files: ReadonlyMap<string, Asset>;
  readonly #shell: string;

  private constructor(files: Map<string, Asset>, shell: string) {
    this.#files = files;
    this.#shell = shell;
  }

  /** Reads the bundle in `directory`. Throws when there is none: `deno task build` makes it. */
  static load(directory: URL): Assets {
    const files = new Map<string, Asset>();
    for (const { name, isFile } of Deno.readDirSync(directory)) {
      const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
      if (!isFile || !type) continue;
      files.set(`/${name}`, {
        type,
        immutable: HASHED_NAME.test(name),
        body: Deno.readFileSync(new URL(name, directory)),
      });
    }
    const shell = files.get("/index.html");
    if (!shell) throw new Error("The page was not built: run deno task build");
    files.delete("/index.html");
    return new Assets(files, new TextDecoder().decode(shell.body));
  }

  get(pathname: string): Asset | undefined {
    return this.#files.get(pathname);
  }

  /** The page's HTML with a fresh nonce for its style elements. */
  renderShell(): { html: string; nonce: string } {
    const nonce = randomBytes(16).toString("base64");
    return { nonce, html: this.#shell.replaceAll(NONCE_PLACEHOLDER, nonce) };
  }
}
