"""`make fuzz`: N texts (100,000) over two processes. Ends with status 1 and the text that broke something."""

import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [
    str(Path(__file__).parent),
    str(ROOT / "tests/plugins"),
    *(str(ROOT / package) for package in ("common", "grammar")),
]

import oracle  # noqa: E402 - it stands beside this file
import texts  # noqa: E402
from matrix_fuzz import asked_for, first_broken  # noqa: E402

CHUNK = 250


def work(first: int) -> str | None:
    """Check the texts of one chunk; answers what broke."""
    for number in range(first, first + CHUNK):
        text = texts.make(number)
        started = time.process_time()
        try:
            oracle.check(text)
            oracle.check_selector(text[:200])
        except Exception:  # noqa: BLE001 - whatever it is, it is what the fuzz looks for, and ends it
            return f"text {number}: {text!r}\n{traceback.format_exc()}"
        if time.process_time() - started > 10:
            return f"text {number} took more than 10 s of CPU: {text!r}"
    return None


def main() -> int:
    count, first = asked_for()
    started = time.monotonic()
    if broken := first_broken(work, first, count, CHUNK):
        print(broken)
        return 1
    print(f"{count:,} texts from number {first}: no crash, no hang, in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
