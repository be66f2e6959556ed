"""Open all pages in a browser, or those whose names begin with an argument; pictures of them go to build/browser."""

import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from tests.browser.looks import KEPT, ROOT, looked_at
from tests.browser.pages import pages

PACKAGE = "chromium"
AT_ONCE = 2  # browsers
CANNOT = 77


def main(chosen: tuple[str, ...]) -> int:
    """Open the pages and say what is wrong with each."""
    path = chromium()
    if not path:
        print("skipped: there is no Chromium here")
        return CANNOT
    todo = [page.name for page in pages() if not chosen or page.name.startswith(chosen)]
    KEPT.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn")) as others:
        parts = others.map(partial(looked_at, path), (todo[n::AT_ONCE] for n in range(AT_ONCE)))
        wrong = [text for part in parts for text in part]
    print(*wrong, sep="\n", end="\n" * bool(wrong))
    print(
        f"{len(todo)} pages, wide, narrow and on paper: {len(wrong)} faults; pictures are in {KEPT.relative_to(ROOT)}"
    )
    return 1 if wrong or not todo else 0


def chromium() -> str:
    """Return where Chromium is, which is installed if need be; empty if that cannot be done."""
    if not shutil.which(PACKAGE):
        subprocess.run([ROOT / ".ci" / "packages", PACKAGE], check=False, timeout=900)
    return shutil.which(PACKAGE) or ""


if __name__ == "__main__":
    code = main(tuple(sys.argv[1:]))
    sys.exit(0 if code == CANNOT else code)
