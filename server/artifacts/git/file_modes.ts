// What git calls kinds of files: six octal digits.

export const EXECUTABLE_MODE = "100755";
export const SYMLINK_MODE = "120000";
export const SUBMODULE_MODE = "160000";
