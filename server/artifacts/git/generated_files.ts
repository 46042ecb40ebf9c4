// Which files nobody writes by hand: lock files and the output of programs, told by name or by their first lines.
import type { BytePath } from "./path_bytes.ts";

const NAMES = new Set([
  ...[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "bun.lockb",
    "deno.lock",
  ],
  ...["Cargo.lock", "Gemfile.lock", "composer.lock", "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock"],
  ...["go.sum", "go.work.sum", "flake.lock", "mix.lock", "pubspec.lock", "Podfile.lock", "Package.resolved"],
  ...["packages.lock.json", "gradle.lockfile", "MODULE.bazel.lock", ".terraform.lock.hcl", "conan.lock"],
]);
const ENDINGS =
  /\.(?:min\.(?:js|css|mjs)|(?:js|css|mjs)\.map|pb\.(?:go|cc|h)|pb\.gw\.go|g\.dart|freezed\.dart|designer\.cs|generated\.\w+|snap)$|_pb2(?:_grpc)?\.pyi?$|_pb\.(?:js|d\.ts)$/i;
const DIRECTORIES = /(?:^|\/)(?:__generated__|__snapshots__|node_modules|vendor\/bundle)\//;
const MARKS =
  /@generated\b|\bcode generated\b[^\n]*\bdo not edit\b|<auto-?generated>|\bthis file (?:is|was) auto(?:matically |-)?generated\b/i;

export function isGeneratedName(path: BytePath): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return NAMES.has(name) || ENDINGS.test(name) || DIRECTORIES.test(path);
}

/** `head` is how the file begins. */
export function isGeneratedText(head: string): boolean {
  return MARKS.test(head);
}
