// A holder without programs: remembers calls, and lets a test say what sessions do.
import { AppError } from "../errors.ts";
import type {
  FoundProcess,
  HolderApi,
  HolderEvent,
  RecordingUse,
  RunningSession,
  SessionExit,
  SpawnCall,
} from "../holder/api.ts";

export class FakeHolder implements HolderApi {
  readonly spawned: SpawnCall[] = [];
  readonly written: { session: string; text: string }[] = [];
  readonly signals: string[] = [];
  readonly deleted: string[] = [];
  /** As it was changed while they ran. */
  readonly pauseUnsupervised = new Map<string, boolean>();
  readonly acknowledged: string[] = [];
  running: RunningSession[] = [];
  exits: SessionExit[] = [];
  survivors: FoundProcess[] = [];
  recordings: RecordingUse[] = [];
  recordingCap: number | undefined;
  /** Thrown by the next spawn. */
  spawnFailure: Error | undefined;
  /** Processes alive per session; a spawned session has one. */
  readonly processes = new Map<string, number>();
  hidesInput = false;
  acceptsInput = true;
  listener: (event: HolderEvent) => void = () => {};

  /** Lets a session's program end. */
  exit(session: string, exit: Partial<SessionExit> = { code: 0 }): void {
    this.processes.set(session, 0);
    this.listener({ type: "exit", exit: { session, offset: 0, endedAtMs: 1000, ...exit } });
  }

  spawn(call: SpawnCall): Promise<{ pid: number; startedAtMs: number }> {
    if (this.spawnFailure) return Promise.reject(this.spawnFailure);
    this.spawned.push(call);
    this.processes.set(call.session, 1);
    return Promise.resolve({ pid: 100 + this.spawned.length, startedAtMs: 10 });
  }

  write(call: { session: string; bytes: Uint8Array }): ReturnType<HolderApi["write"]> {
    this.written.push({ session: call.session, text: new TextDecoder().decode(call.bytes) });
    return Promise.resolve({ accepted: this.acceptsInput, hidden: this.hidesInput, offset: 0 });
  }

  resize(): Promise<void> {
    return Promise.resolve();
  }

  signal(call: { session: string; signal: Deno.Signal }): Promise<number> {
    this.signals.push(call.signal);
    return Promise.resolve(1);
  }

  kill(call: { session: string }): Promise<number> {
    this.signals.push("kill");
    this.exit(call.session, { signal: "SIGKILL" });
    return Promise.resolve(0);
  }

  pause(): Promise<void> {
    this.signals.push("pause");
    return Promise.resolve();
  }

  resume(): Promise<void> {
    this.signals.push("resume");
    return Promise.resolve();
  }

  setPauseUnsupervised(call: { session: string; on: boolean }): Promise<void> {
    this.pauseUnsupervised.set(call.session, call.on);
    return Promise.resolve();
  }

  countProcesses(call: { session: string }): Promise<number> {
    return Promise.resolve(this.processes.get(call.session) ?? 0);
  }

  attach(call: { channel: number }): Promise<void> {
    this.listener({ type: "attached", channel: call.channel, offset: 0, cols: 80, rows: 24 });
    return Promise.resolve();
  }

  acknowledge(): Promise<void> {
    return Promise.resolve();
  }

  detach(): Promise<void> {
    return Promise.resolve();
  }

  read(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array());
  }

  timeline(call: { session: string }): ReturnType<HolderApi["timeline"]> {
    if (!this.processes.has(call.session)) return Promise.reject(new AppError("not_found", "No recording"));
    return Promise.resolve({ end: 0, startedAtMs: 0, cols: 80, rows: 24, times: [], resizes: [] });
  }

  keyframe(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  screenText(): Promise<string[]> {
    return Promise.resolve([]);
  }

  listRunning(): Promise<RunningSession[]> {
    return Promise.resolve(this.running);
  }

  listExits(): Promise<SessionExit[]> {
    return Promise.resolve(this.exits);
  }

  acknowledgeExit(call: { session: string }): Promise<void> {
    this.acknowledged.push(call.session);
    return Promise.resolve();
  }

  delete(call: { session: string }): Promise<void> {
    this.deleted.push(call.session);
    return Promise.resolve();
  }

  listRecordings(): Promise<RecordingUse[]> {
    return Promise.resolve(this.recordings);
  }

  setKeep(call: { session: string; keep: boolean }): Promise<void> {
    this.recordings = this.recordings.map((use) =>
      use.session === call.session ? { ...use, keep: call.keep } : use
    );
    return Promise.resolve();
  }

  setRecordingCap(call: { bytes: number }): Promise<void> {
    this.recordingCap = call.bytes;
    return Promise.resolve();
  }

  checkRecordings(): Promise<string[]> {
    return Promise.resolve([]);
  }

  findSurvivors(): Promise<FoundProcess[]> {
    return Promise.resolve(this.survivors);
  }

  endSurvivors(call: { processes: FoundProcess[] }): Promise<number[]> {
    return Promise.resolve(call.processes.map(({ pid }) => pid));
  }
}
