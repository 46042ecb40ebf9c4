// The names of files in calls, checked: nothing that leads out of a work tree, or into its repository, is one.
import { AppError } from "../../errors.ts";
import { pathOfFileId } from "../git/path_bytes.ts";

/** Throws `invalid` for what names no file in a work tree. */
export function checkFileId(id: string): void {
  if (pathOfFileId(id) !== undefined) return;
  throw new AppError("invalid", "This is not the name of a file in a work tree", { field: "file" });
}
