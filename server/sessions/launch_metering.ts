// Says how a launch would be metered: what is chosen by itself, and what each mode means for limits and for the agent.
import type {
  LaunchAddition,
  LaunchCheck,
  LaunchModeView,
  MeteringMode,
  SessionKind,
  UpstreamChoice,
  UsageSource,
} from "../protocol.ts";

/** What would be added to the launch, under different wishes. */
export interface LaunchPreviews {
  /** As it stands. */
  now: LaunchAddition[];
  /** With the gateway switched on. */
  gated: LaunchAddition[];
  /** With a limit of its own, nothing switched. */
  limited: LaunchAddition[];
  /** Without one. */
  unlimited: LaunchAddition[];
}

const NO_GATE = "This command starts no conversation that could be sent through the gate";

export function describeMetering(
  kind: SessionKind,
  { now, gated, limited, unlimited, upstreams }: LaunchPreviews & { upstreams: UpstreamChoice[] },
): NonNullable<LaunchCheck["metering"]> {
  const modes = [describeGate(kind, gated), describeObserved(kind, now)];
  const mode = modeOf(now);
  const { sources, note } = modes.find((each) => each.mode === mode) ?? describeObserved(kind, now);
  return {
    mode,
    sources,
    note,
    modes,
    automatic: { limited: modeOf(limited), unlimited: modeOf(unlimited) },
    upstreams,
  };
}

function modeOf(additions: LaunchAddition[]): MeteringMode {
  return additions.some(({ id, on }) => id === "gateway" && on) ? "gate" : "observe";
}

function describeGate(kind: SessionKind, additions: LaunchAddition[]): LaunchModeView {
  const addition = additions.find(({ id }) => id === "gateway");
  const problem = addition === undefined ? NO_GATE : addition.on ? undefined : addition.note ?? NO_GATE;
  return {
    mode: "gate",
    sources: [
      "gateway",
      ...(hasTelemetry(additions) ? ["otlp" as const] : []),
      ...(kind === "shell" ? [] : ["transcript" as const]),
    ],
    note: "Every call is covered by the budgets before it is made: no limit is overrun",
    changes: addition?.changes ?? [],
    ...(problem === undefined ? {} : { problem }),
  };
}

function describeObserved(kind: SessionKind, additions: LaunchAddition[]): LaunchModeView {
  return { mode: "observe", changes: [], ...observedBy(kind, hasTelemetry(additions)) };
}

function observedBy(kind: SessionKind, telemetry: boolean): { sources: UsageSource[]; note: string } {
  if (kind !== "shell") {
    return {
      sources: telemetry ? ["otlp", "transcript", "screen"] : ["transcript", "screen"],
      note: "Counted after each answer: a limit can be overrun by the calls under way",
    };
  }
  return telemetry
    ? { sources: ["otlp", "estimate"], note: "Claude's model calls are counted where it reports them" }
    : { sources: ["estimate"], note: "Estimated from the characters on the terminal" };
}

function hasTelemetry(additions: LaunchAddition[]): boolean {
  return additions.some(({ id, on }) => id === "telemetry" && on);
}
