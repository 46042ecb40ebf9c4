// A git configuration read as text.
import { deepEqual } from "node:assert/strict";
import { parseConfigText } from "./config_text.ts";

Deno.test("sections, subsections, comments, quotes and bare keys are read; the last value wins", () => {
  const values = parseConfigText(`
[core]
	bare = false ; a comment
	repositoryFormatVersion = 0
[Branch "feature/x.y"] remote = "or\\"igin" # more
	merge = refs/heads/feature/x.y
[extensions] worktreeConfig
[core]
	repositoryformatversion = 1
	continued = one \\
two
`);
  deepEqual(Object.fromEntries(values), {
    "core.bare": "false",
    "core.repositoryformatversion": "1",
    "branch.feature/x.y.remote": 'or"igin',
    "branch.feature/x.y.merge": "refs/heads/feature/x.y",
    "extensions.worktreeconfig": "true",
    "core.continued": "one two",
  });
});

Deno.test("what is no configuration gives nothing", () => {
  deepEqual(parseConfigText("key = outside\n\x00\xff[broken\n= nothing\n").size, 0);
});
