"""The report on published models: tables with rows beside them, a file of one's own, and simulated samples in Dutch."""

import pytest

from ..claims.test_printed_models import documented
from ..conftest import write
from ..runs import in_order
from .test_reports import page_text


@pytest.fixture(scope="module")
def models(corp_rep_file, report):
    return report("published_models", draws=200)


def test_it_opens_with_what_contradicts_the_thesis(models):
    text = page_text(models)
    in_order(text, ["Nobody can tell whether emotion is ahead of reason: over 3 samples of customers the lead is +5", "In 1 of 5 comparisons emotion is clearly ahead, in 1 clearly behind",
                    "In Customer satisfaction index (ECSI), loyalty, the difference is −29", "What another sample would give, these cannot say", "Two single questions",
                    "Printed against ours", "Of 55, 50 are ours too", "Emotion against reason in each model", "Each sample counts once",
                    "The table stands in the source", "The table beside the rows", "What would change the conclusion", "You may write", "You may not write",
                    "The claim, its source and its grade", "Whose answers these are"])  # fmt: skip
    assert "Of 55, 50 are ours too, to the digit or within the rounding" in text and "The 4 that differ" in text
    assert "Why these need not come back" in text and "{" not in text
    assert models.manifest["evidence_tier"] == "published"
    poor = (
        text.index("This model does not fit its own table (CFI 0.83"),
        text.index("the model does not fit, so these are no effects"),
    )
    assert text.rindex("Customer satisfaction index (ECSI)", 0, poor[0]) < poor[0] < poor[1], (
        "a chain that does not fit is no effect"
    )
    assert "emotional drivers (Likeability) 73%" in text, "what stands in a block, beside its share"
    assert {"fig-pooled", "fig-printed", "fig-leads", "fig-paths-4", "fig-rows-b", "fig-rows-c"} <= set(
        models.manifest["exhibits"]
    )


def test_a_file_of_ones_own_is_enough(tmp_path, told):
    path = write(tmp_path / "banks.yml", documented())
    run = told("published_models", data=str(path), draws=100)
    text = page_text(run)
    assert "Warmth and price at banks" in text and "No rows are known for these models" in text
    assert run.manifest["files"]["data"]["name"] == "banks.yml"
    assert "corporate" not in text.split("About this report")[0].lower()


def test_simulated_samples_are_never_citable_and_the_page_is_dutch(told):
    given = {"data": "simulated", "models": ["ecsi_mobile"], "language": "nl", "draws": 100}
    run = told("published_models", **given)
    text = page_text(run)
    in_order(text, ["Niemand heeft geantwoord", "Gedrukt tegenover gesimuleerd", "Niets mag worden geciteerd"])
    assert run.manifest["evidence_tier"] == "synthetic" and "Dit mag u schrijven" not in text
    assert "De tabel naast de rijen" not in text
    for english in ("In short", "printed", "Source", "undecided", "within"):
        assert english not in text.split("Over dit rapport")[0], english
