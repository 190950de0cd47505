"""python -m tests.benchmarks: speed and memory beside peers in the same run; `coverage`: do intervals hold?; `reports`: sweeps; `stores`: 4,000 runs, killed and gone on with; `book`: all reports; `survey`: a million rows; `rows`: millions in a database; `recovery`: are hidden parameters found?; `many_drivers`: which road to intervals?; `verdicts`: how often is a verdict wrong?"""

import sys

from . import book, coverage, many_drivers, recovery, reports, speed, stores, surveys, verdicts, warehouse

if __name__ == "__main__":
    name, *options = sys.argv[1:] or [""]
    alone = {"recovery": recovery, "survey": surveys, "verdicts": verdicts}
    asked = {"coverage": coverage, "reports": reports, "book": book, "many_drivers": many_drivers, "rows": warehouse}
    asked["stores"] = stores
    if name in asked:
        asked[name].main(options)
    else:
        alone.get(name, speed).main()
