// Starts the page: takes the login code out of the address first, then builds the models and draws.

import { effect } from "@preact/signals";
import { render } from "preact";
import "./styles/page.css";
import { App } from "./App.tsx";
import { type AppModels, createAppModels, runApp } from "./app_models.ts";
import { takeLoginCode } from "./credentials.ts";
import { followPageTitle } from "./page_title.ts";
import { allowTerminalStyles } from "./style_policy.ts";

declare global {
  /** Hook of the browser tests: the text in the terminal on screen, which a WebGL canvas does not show. */
  var fleetTestHook: { terminalText(): string; viewText(): string } | undefined;
}

const code = takeLoginCode(location, history);
allowTerminalStyles(document);
start();

function start(): void {
  const models = createAppModels({ hasCode: code !== undefined });
  effect(() => {
    document.documentElement.dataset.theme = models.settings.scheme.value;
  });
  globalThis.fleetTestHook = {
    terminalText: () => models.shownTerminal.value?.text() ?? "",
    viewText: () => models.shownTerminal.value?.viewText() ?? "",
  };
  followPageTitle(models, document);
  mount(models);
  if (code !== undefined) void models.access.unlock(code);
  runApp(models);
}

function mount(models: AppModels): void {
  const root = document.getElementById("app");
  if (root !== null) render(<App models={models} />, root);
}
