"""python -m tests.benchmarks: speed and memory beside peers measured in the same run; with `coverage`: do intervals hold?"""

import sys

from . import coverage, speed

if __name__ == "__main__":
    coverage.main() if sys.argv[1:2] == ["coverage"] else speed.main()
