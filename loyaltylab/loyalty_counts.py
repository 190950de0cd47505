"""Loyalty metrics from counts of answers that a database made."""

from __future__ import annotations

from .errors import DataError
from .loyalty import net_promoter_from_shares
from .loyalty_scores import Score
from .queries import counted
from .warehouse import Warehouse

__all__ = ["net_promoter_from_query"]


def net_promoter_from_query(evidence: Warehouse, item: str) -> Score:
    """Net promoter score from counts of answers in a database, with its interval at Kish's effective n.

    Parameters
    ----------
    evidence : Warehouse
    item : str
        Likelihood to recommend, 0 to 10.

    Raises
    ------
    DataError
        If the item is not answered from 0 to 10.

    Examples
    --------
    >>> import ibis, pandas as pd
    >>> from loyaltylab import Codebook, Item, read_warehouse
    >>> book = Codebook("shop", {}, {"tell": Item("tell", {"en": "tell"}, range=(0, 10))}, {}, {"en": "", "nl": ""})
    >>> table = ibis.memtable(pd.DataFrame({"tell": [10] * 45 + [8] * 30 + [3] * 25}))
    >>> round(float(net_promoter_from_query(read_warehouse(table, book), "tell").tidy()["estimate"][0]), 1)
    20.0
    """
    if evidence.codebook.range_of(item) != (0, 10):
        raise DataError(f"'{item}' is not answered from 0 to 10; the net promoter score is defined on that.")
    found = counted(evidence.table, evidence.codebook, item, weight=evidence.weight)
    total = sum(weight for weight, _ in found.values())
    promoters = sum(weight for answer, (weight, _) in found.items() if answer >= 9) / total
    detractors = sum(weight for answer, (weight, _) in found.items() if answer <= 6) / total
    n = float(evidence.moments([item]).n_eff) if evidence.weight else sum(n for _, n in found.values())
    origin = evidence.provenance.then(f"answers to {item} counted")
    passives = 1 - promoters - detractors
    return net_promoter_from_shares(promoters, passives, detractors, n, provenance=origin, label=item)
