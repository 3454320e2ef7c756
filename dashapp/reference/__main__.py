"""`python -m dashapp.reference [--check]`."""

import sys

from dashapp.reference.pages import FOLDER, stale, write


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m dashapp.reference [--check]\n")
        return 2
    if not arguments:
        write()
        return 0
    found = stale()
    for name in found:
        sys.stderr.write(f"{FOLDER.name}/{name} is stale: run `make docs`\n")
    return 1 if found else 0


sys.exit(main(sys.argv[1:]))
