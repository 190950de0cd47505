"""python -m tests.benchmarks: speed and memory beside peers in the same run; `coverage`: do intervals hold?; `reports`: sweeps; `stores`: 4,000 runs, killed and gone on with; `book`: all reports; `survey`: a million rows; `rows`: millions in a database; `recovery`: are hidden parameters found?; `many_drivers`: which road to intervals?; `verdicts`: how often is a verdict wrong?"""

import sys

from . import book, coverage, many_drivers, recovery, reports, speed, stores, surveys, verdicts, warehouse

if __name__ == "__main__":
    name, *options = sys.argv[1:] or [""]
    if name == "coverage":
        coverage.main(options)
    elif name == "reports":
        reports.main(options)
    elif name == "book":
        book.main(options)
    elif name == "many_drivers":
        many_drivers.main(options)
    elif name == "recovery":
        recovery.main()
    elif name == "rows":
        warehouse.main(options)
    elif name == "stores":
        stores.main(options)
    elif name == "survey":
        surveys.main()
    elif name == "verdicts":
        verdicts.main()
    else:
        speed.main()
