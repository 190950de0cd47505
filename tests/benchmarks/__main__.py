"""python -m tests.benchmarks: speed and memory beside peers in the same run; `coverage`: do intervals hold?; `reports`: sweeps; `survey`: a million rows."""

import sys

from . import coverage, reports, speed, surveys

if __name__ == "__main__":
    name, *options = sys.argv[1:] or [""]
    if name == "coverage":
        coverage.main()
    elif name == "reports":
        reports.main(options)
    elif name == "survey":
        surveys.main()
    else:
        speed.main()
