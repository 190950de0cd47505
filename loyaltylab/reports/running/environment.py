"""What the runner tells a notebook through the environment."""

from __future__ import annotations

#: Set by the runner: the folder the exhibits of this run go to. Unset in JupyterLab, where nothing is saved.
RUN_FOLDER = "LOYALTYLAB_RUN_FOLDER"
#: Set by the runner: the id of this run, which the files of its exhibits bear.
RUN_ID = "LOYALTYLAB_RUN_ID"
#: Set by the runner where figures are also wanted in journal widths: names from `exhibits.WIDTHS`, with commas.
RUN_WIDTHS = "LOYALTYLAB_RUN_WIDTHS"
#: Set by the runner: the folder with the texts of the notebook, which itself runs elsewhere.
RUN_TEXTS = "LOYALTYLAB_RUN_TEXTS"
#: Set where a run is made again elsewhere: the reports folder with the runs it may refer to.
RUNS_FOLDER = "LOYALTYLAB_RUNS_FOLDER"
#: Set where a run may not take for ever: the seconds it has, in this process or in those it starts.
TIME_LIMIT = "LOYALTYLAB_TIME_LIMIT"
#: Numbers must not depend on how many processors there are, nor on the order Python happens to keep a set in.
STEADY = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"),
    "PYTHONHASHSEED": "0",
    "PYTHONSTARTUP": "",  # a kernel would run it before the first cell
    "PYTHONSAFEPATH": "1",  # nothing is imported from the folder of the data; IPython 9.7 and later heed it too
}
