// What was launched before; one click launches it again.

import { Pencil, Play } from "lucide";
import type { VNode } from "preact";
import type { AppModels } from "../app_models.ts";
import { formatPath } from "../format.ts";
import { Button } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { KindIcon } from "../parts/SessionMarks.tsx";
import { Age } from "../parts/Times.tsx";

export function RecentLaunches({ models, limit }: { models: AppModels; limit: number }): VNode {
  const { fleet, launch, router, clock } = models;
  const home = fleet.status.value.value?.homeDirectory;
  const launches = (fleet.recents.value.value?.launches ?? []).slice(0, limit);
  return (
    <ul class="recents" data-testid="recent-launches">
      {launches.map((each) => {
        const { cwd, command, title } = each;
        const name = title ?? command;
        return (
          <li key={`${cwd}\n${command}\n${title ?? ""}`} class="recent">
            <KindIcon kind={each.kind} />
            <span class="recent-text">
              <span class={title === undefined ? "recent-name mono" : "recent-name"}>{name}</span>
              <span class="recent-place">{formatPath(cwd, home)}</span>
            </span>
            <Age atMs={each.lastUsedAtMs} clock={clock} />
            <Link
              to={{ name: "new", cwd, command }}
              router={router}
              class="icon-button"
              label={`Change ${name} before launching`}
            >
              <Icon node={Pencil} />
            </Link>
            <Button
              icon={Play}
              disabled={launch.launching.value}
              onClick={() => void launch.launch({ cwd, command, ...(title === undefined ? {} : { title }) })}
            >
              Launch
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
