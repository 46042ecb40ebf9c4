// Which language a file is written in, and the grammars, each loaded when the first such file is shown.

import type { LanguageFn } from "highlight.js";

type Grammar = () => Promise<{ default: LanguageFn }>;

const GRAMMARS: Record<string, Grammar> = {
  bash: () => import("highlight.js/lib/languages/bash"),
  c: () => import("highlight.js/lib/languages/c"),
  clojure: () => import("highlight.js/lib/languages/clojure"),
  cmake: () => import("highlight.js/lib/languages/cmake"),
  cpp: () => import("highlight.js/lib/languages/cpp"),
  csharp: () => import("highlight.js/lib/languages/csharp"),
  css: () => import("highlight.js/lib/languages/css"),
  dart: () => import("highlight.js/lib/languages/dart"),
  diff: () => import("highlight.js/lib/languages/diff"),
  dockerfile: () => import("highlight.js/lib/languages/dockerfile"),
  elixir: () => import("highlight.js/lib/languages/elixir"),
  erlang: () => import("highlight.js/lib/languages/erlang"),
  go: () => import("highlight.js/lib/languages/go"),
  graphql: () => import("highlight.js/lib/languages/graphql"),
  groovy: () => import("highlight.js/lib/languages/groovy"),
  haskell: () => import("highlight.js/lib/languages/haskell"),
  ini: () => import("highlight.js/lib/languages/ini"),
  java: () => import("highlight.js/lib/languages/java"),
  javascript: () => import("highlight.js/lib/languages/javascript"),
  json: () => import("highlight.js/lib/languages/json"),
  julia: () => import("highlight.js/lib/languages/julia"),
  kotlin: () => import("highlight.js/lib/languages/kotlin"),
  less: () => import("highlight.js/lib/languages/less"),
  lua: () => import("highlight.js/lib/languages/lua"),
  makefile: () => import("highlight.js/lib/languages/makefile"),
  markdown: () => import("highlight.js/lib/languages/markdown"),
  nix: () => import("highlight.js/lib/languages/nix"),
  objectivec: () => import("highlight.js/lib/languages/objectivec"),
  ocaml: () => import("highlight.js/lib/languages/ocaml"),
  perl: () => import("highlight.js/lib/languages/perl"),
  php: () => import("highlight.js/lib/languages/php"),
  powershell: () => import("highlight.js/lib/languages/powershell"),
  protobuf: () => import("highlight.js/lib/languages/protobuf"),
  python: () => import("highlight.js/lib/languages/python"),
  r: () => import("highlight.js/lib/languages/r"),
  ruby: () => import("highlight.js/lib/languages/ruby"),
  rust: () => import("highlight.js/lib/languages/rust"),
  scala: () => import("highlight.js/lib/languages/scala"),
  scss: () => import("highlight.js/lib/languages/scss"),
  sql: () => import("highlight.js/lib/languages/sql"),
  swift: () => import("highlight.js/lib/languages/swift"),
  typescript: () => import("highlight.js/lib/languages/typescript"),
  xml: () => import("highlight.js/lib/languages/xml"),
  yaml: () => import("highlight.js/lib/languages/yaml"),
};

/** Languages inside others: their grammars are needed too. */
const INSIDE: Record<string, readonly string[]> = {
  javascript: ["xml"],
  typescript: ["xml"],
  xml: ["javascript", "css"],
  markdown: ["xml"],
  php: ["xml"],
};

const EXTENSIONS: Record<string, string> = {
  bash: "sh bash zsh ksh bats",
  c: "c h",
  clojure: "clj cljs cljc edn",
  cmake: "cmake",
  cpp: "cc cpp cxx hpp hh hxx ino",
  csharp: "cs csx",
  css: "css",
  dart: "dart",
  diff: "diff patch",
  elixir: "ex exs",
  erlang: "erl hrl",
  go: "go",
  graphql: "graphql gql",
  groovy: "groovy gradle",
  haskell: "hs",
  ini: "ini toml cfg conf properties editorconfig gitconfig gitmodules",
  java: "java",
  javascript: "js jsx mjs cjs",
  json: "json jsonc json5 webmanifest map ipynb lock",
  julia: "jl",
  kotlin: "kt kts",
  less: "less",
  lua: "lua",
  makefile: "mk mak",
  markdown: "md markdown mdx",
  nix: "nix",
  objectivec: "m mm",
  ocaml: "ml mli",
  perl: "pl pm",
  php: "php phtml",
  powershell: "ps1 psm1",
  protobuf: "proto",
  python: "py pyi pyw",
  r: "r",
  ruby: "rb rake gemspec",
  rust: "rs",
  scala: "scala sbt",
  scss: "scss sass",
  sql: "sql",
  swift: "swift",
  typescript: "ts tsx mts cts",
  xml: "xml html htm xhtml svg vue svelte plist xsd xsl rss",
  yaml: "yml yaml",
};

const NAMES: Record<string, string> = {
  dockerfile: "dockerfile",
  containerfile: "dockerfile",
  makefile: "makefile",
  gnumakefile: "makefile",
  "cmakelists.txt": "cmake",
  gemfile: "ruby",
  rakefile: "ruby",
  jenkinsfile: "groovy",
  "cargo.lock": "ini",
  "poetry.lock": "ini",
  "yarn.lock": "yaml",
  "gemfile.lock": "yaml",
  ".bashrc": "bash",
  ".zshrc": "bash",
  ".profile": "bash",
};

const BY_EXTENSION = new Map(
  Object.entries(EXTENSIONS).flatMap(([language, list]) => list.split(" ").map((each) => [each, language])),
);

/** The language of a path; undefined for what gets no colours. */
export function languageOf(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return NAMES[name] ?? BY_EXTENSION.get(name.slice(name.lastIndexOf(".") + 1));
}

/** A language's grammar and those it uses. Rejects when a file of the page cannot be loaded. */
export async function loadGrammars(language: string): Promise<Record<string, LanguageFn>> {
  const names = [language, ...INSIDE[language] ?? []];
  const loaded = await Promise.all(names.map(async (name) => {
    const grammar = await GRAMMARS[name]?.();
    return grammar === undefined ? undefined : [name, grammar.default] as const;
  }));
  return Object.fromEntries(loaded.filter((each) => each !== undefined));
}
