// The worker behind a diff: everything that takes long with large files happens here, not on the page's thread.

import { DiffDesk, type DiffRequest } from "./diff_desk.ts";
import { Syntax } from "./syntax.ts";

const queue = new MessageChannel();
const works: (() => void)[] = [];
queue.port1.onmessage = (): void => works.shift()?.();

const desk = new DiffDesk({
  syntax: new Syntax(),
  post: (answer) => postMessage(answer),
  later(work): void {
    works.push(work);
    queue.port2.postMessage(undefined);
  },
});

addEventListener("message", ({ data }: MessageEvent<DiffRequest>) => {
  // A failure is an error event of the worker, which the page shows.
  desk.handle(data).catch((thrown) => reportError(thrown));
});
