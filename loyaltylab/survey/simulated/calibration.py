"""`Calibration`: what simulated respondents return of the published figures, each with its source and grade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ...core import Result, provenance_of
from ..survey import Survey
from .latent_model import INDICES, calibration_file
from .simulate import simulate

__all__ = ["TOLERANCES", "Calibration", "calibration_table"]

#: How far an achieved figure may be from its target, by measure.
TOLERANCES = {"respondents": 0.0, "groups": 0.0, "place": 0.0, "correlation": 0.01, "share": 0.01}


@dataclass(frozen=True, eq=False)
class Calibration(Result):
    """Target, source, grade, what was achieved and the difference, of every figure the simulation is searched for.

    The achieved figures are computed from the answers, apart from the search.
    """

    survey: Survey
    language: str = "en"
    intercorrelation: float | None = None
    keys = ("measure", "term", "against")

    provenance = provenance_of("survey")

    @property
    def cuts(self) -> tuple[float, float]:
        """Lowest medium and lowest high engagement."""
        low, high = calibration_file()["engagement"]["cuts"]
        return float(low), float(high)

    @property
    def often(self) -> str:
        """The item whose shares are by purchase frequency."""
        return str(calibration_file()["frequency"]["feels"]["item"])

    def in_language(self, language: str) -> Calibration:
        """The same, its sources in another language."""
        return replace(self, language=language)

    @cached_property
    def rows(self) -> list[tuple[str, str, str, dict[str, Any], float]]:
        """Measure, term, against, target and achieved figure."""
        return [*self._sizes(), *self._correlations(), *self._shares()]

    def _sizes(self) -> Iterator[tuple[str, str, str, dict[str, Any], float]]:
        size, frame = calibration_file()["survey"], self.survey.frame
        yield "respondents", "all", "", size["n"], float(len(frame))
        yield "groups", "country", "", size["countries"], float(frame["country"].nunique())

    def _correlations(self) -> Iterator[tuple[str, str, str, dict[str, Any], float]]:
        found, R = calibration_file(), self.survey.frame[[*INDICES, *calibration_file()["emotions"]]].corr()
        for index, row in found["correlations"].items():
            yield "correlation", index, "LOYALTY", row, R.loc[index, "LOYALTY"]
        between = dict(found["intercorrelation"])
        if self.intercorrelation is not None:
            between["value"] = self.intercorrelation
        for a, b in (("EMOTION", "RATIONAL"), ("EMOTION", "VALUES"), ("RATIONAL", "VALUES")):
            yield "correlation", a, b, between, R.loc[a, b]
        for emotion, row in found["emotions"].items():
            yield "correlation", emotion, "LOYALTY", row, R.loc[emotion, "LOYALTY"]
        places = R.loc[list(found["emotions"]), "LOYALTY"].rank(ascending=False)
        last = float(places[found["leading"]["items"]].max())
        yield "place", "leading", "LOYALTY", found["leading"], last

    def _shares(self) -> Iterator[tuple[str, str, str, dict[str, Any], float]]:
        found, frame = calibration_file(), self.survey.frame
        emotion = frame["EMOTION"]
        low, high = found["engagement"]["cuts"]
        codes = {label["en"]: code for code, label in self.survey.codebook.items["country"].values.items()}
        for country, row in found["countries"].items():
            there = emotion[frame["country"] == codes[country]].dropna()
            yield "share", "high", country, row, (there >= high).mean()
        for outcome in found["outcomes"]:
            for group, members in (("high", emotion >= high), ("low", emotion < low)):
                if group in outcome:
                    answers = frame.loc[members, outcome["item"]].dropna()
                    yield "share", outcome["item"], group, outcome[group], (answers >= outcome["from"]).mean()
        feels, often = found["frequency"]["feels"], self.survey.codebook.items[found["frequency"]["item"]]
        for code, row in found["frequency"]["groups"].items():
            answers = frame.loc[frame[often.name] == code, feels["item"]].dropna()
            yield "share", feels["item"], often.values[code]["en"], row, (answers >= feels["from"]).mean()

    def columns(self) -> list[dict[str, Any]]:
        return [
            {
                "measure": measure,
                "term": term,
                "against": against,
                "target": float(target["value"]),
                "grade": target["grade"],
                "source": target["source"][self.language],
                "estimate": float(achieved),
                "difference": float(achieved) - float(target["value"]),
                "tolerance": TOLERANCES[measure],
            }
            for measure, term, against, target, achieved in self.rows
        ]

    def whole(self) -> dict[str, Any]:
        data = self.tidy()
        held = data["difference"].abs() <= data["tolerance"] + 1e-12
        published = data["grade"] != "assumed"
        counts = {"n": len(self.survey.frame), "n_targets": len(data), "n_published": int(published.sum())}
        return {**counts, "n_held": int(held.sum())}


def calibration_table(
    survey: Survey | None = None, *, intercorrelation: float | None = None, language: str = "en", **options: Any
) -> Calibration:
    """The published figures and what simulated respondents return of them."""
    return Calibration(survey or simulate(intercorrelation=intercorrelation, **options), language, intercorrelation)
