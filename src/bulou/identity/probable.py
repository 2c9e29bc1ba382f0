"""How probable it is that two records are one person: Splink's sum of evidence, with weights that are written here and frequencies that are counted.

Nothing is trained on the lists at hand: what a list of two hundred rows would teach is noise, and the same rows must give the same
answer in any order. Importing this takes a second, so :mod:`bulou.identity.linking` does it when something is left undecided.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import splink.comparison_level_library as level
from numpy.typing import NDArray
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison

#: A list of forty people knows nothing of how common a name is: frequencies are taken as of no fewer people than these.
LEAST_PEOPLE = 20_000
#: Columns whose agreement weighs the more the rarer the value is.
FREQUENT = ("name", "born", "phone", "address", "area", "document")
COLUMNS = ("name", "turned", "spoken", "parts", "born", "phone", "address", "numbers", "sex", "area", "document", "series")


class Level(NamedTuple):
    """One way in which a field of two records may compare, the first that is true counts.

    ``m`` is how often it is seen in two records of one person, ``u`` in records of two; log2(m / u) is what it weighs. ``frequent``:
    ``u`` is replaced by how common the value is.
    """

    word: str
    sql: str
    m: float
    u: float
    frequent: bool = False


#: Weights of evidence. ``m`` from what registers of this kind are known to get wrong (mistyped names 5-15 %, births 5-10 %, changed
#: telephones a quarter), in round numbers; ``u`` from 20,000 people of a district; FEBRL4 holds the whole in place (tests/identity).
PEOPLE: Mapping[str, tuple[Level, ...]] = {
    "name": (
        Level("same", "name_l = name_r", 0.76, 5e-4, True),
        Level("order", "turned_l = turned_r", 0.08, 5e-4),
        Level("sound", "spoken_l = spoken_r", 0.03, 1e-3),
        Level("near", "length(name_l) > 2 and length(name_r) > 2 and damerau_levenshtein(spoken_l, spoken_r) <= greatest(1, length(spoken_l) // 8)", 0.06, 2e-3),
        Level("alike", "jaro_winkler_similarity(turned_l, turned_r) >= 0.9 or jaro_winkler_similarity(spoken_l, spoken_r) >= 0.9", 0.02, 5e-3),
        Level("part", "list_has_any(string_split(parts_l, ' '), string_split(parts_r, ' '))", 0.03, 1e-2),
        Level("different", "ELSE", 0.02, 0.98),
    ),
    "born": (
        Level("weak", "born_l = born_r and born_l like '%0101'", 0.02, 2e-3),
        Level("same", "born_l = born_r", 0.88, 4e-5, True),
        Level("near", "damerau_levenshtein(born_l, born_r) <= 1 or (born_l[:4] = born_r[:4] and born_l[5:6] = born_r[7:8] and born_l[7:8] = born_r[5:6])", 0.06, 1e-3),
        Level("different", "ELSE", 0.04, 0.997),
    ),
    "phone": (
        Level("same", "phone_l = phone_r", 0.75, 5e-5, True),
        Level("near", "damerau_levenshtein(phone_l, phone_r) <= 1", 0.03, 1e-4),
        Level("different", "ELSE", 0.22, 0.9998),
    ),
    "address": (
        Level("same", "address_l = address_r", 0.5, 2e-4, True),
        Level("near", "numbers_l = numbers_r and numbers_l <> '' and jaro_winkler_similarity(address_l, address_r) >= 0.85", 0.2, 1e-3),
        Level("alike", "jaro_winkler_similarity(address_l, address_r) >= 0.92", 0.1, 0.05),
        Level("different", "ELSE", 0.2, 0.949),
    ),
    "sex": (Level("same", "sex_l = sex_r", 0.98, 0.5), Level("different", "ELSE", 0.02, 0.5)),
    "area": (
        Level("same", "area_l = area_r", 0.75, 0.05, True),
        Level("near", "area_l[:6] = area_r[:6]", 0.15, 0.25),
        Level("different", "ELSE", 0.1, 0.7),
    ),
    "document": (
        Level("same", "document_l = document_r", 0.85, 5e-5, True),
        Level("cut", "length(document_l) >= 15 and document_l[:15] = document_r[:15]", 0.02, 1e-5),
        Level("near", "damerau_levenshtein(document_l, document_r) <= 1", 0.08, 2e-5),
        Level("different", "ELSE", 0.05, 0.9999),
    ),
}  # fmt: skip

_NULLS = {"document": "document_l is null or document_r is null or series_l <> series_r"}


def settings() -> SettingsCreator:
    """PEOPLE as Splink's settings: every weight fixed, nothing to train."""
    comparisons: list[Any] = []
    for column, levels in PEOPLE.items():
        missing = _NULLS.get(column, f"{column}_l is null or {column}_r is null")
        made: list[Any] = [level.CustomLevel(missing, label_for_charts="missing").configure(is_null_level=True)]
        for one in levels:
            last = one.sql == "ELSE"
            told: Any = level.ElseLevel() if last else level.CustomLevel(one.sql, label_for_charts=one.word)
            told = told.configure(m_probability=one.m, u_probability=one.u, fix_m_probability=True, fix_u_probability=True)
            if one.frequent:
                least = one.u if column == "area" else 0.0  # a small area is not a rare property: its people stand in one list
                told = told.configure(
                    tf_adjustment_column=column, tf_adjustment_weight=1.0, tf_minimum_u_value=least, disable_tf_exact_match_detection=True
                )
            made.append(told)
        comparisons.append(CustomComparison(made, output_column_name=column))
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on("name")],  # never used: the pairs to score are given
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )


class Scored(NamedTuple):
    """Pairs with their probability, and how each field compared as the word of its level (``missing`` where one has none)."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    probability: NDArray[np.float64]
    levels: dict[str, NDArray[np.int64]]  #: index from the end of ``PEOPLE[column]``, -1 missing

    def word(self, column: str, i: int) -> str:
        found = int(self.levels[column][i])
        return "missing" if found < 0 else PEOPLE[column][len(PEOPLE[column]) - 1 - found].word


def score(
    columns: Mapping[str, Sequence[str | None]],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    people: int,
    bearers: Mapping[str, Mapping[str, int]] | None = None,
) -> Scored:
    """The probability of each pair (a[i], b[i]) of rows of ``columns`` (COLUMNS, all of one length), in the order of the pairs.

    ``people`` is how many the lists are about: before looking, one in so many pairs is taken for one person (LEAST_PEOPLE at least).
    ``bearers`` is how many of the people have each value of a column; without it the rows are counted.
    """
    n = len(columns["name"])
    client = duckdb.connect(":memory:")
    client.execute("SET threads TO 2")
    base = DuckDBAPI(client)
    table = pa.table({"unique_id": pa.array(range(n), pa.int64()), **{c: pa.array(columns[c], pa.string()) for c in COLUMNS}})
    made = settings()
    made.probability_two_random_records_match = 1 / max(people, LEAST_PEOPLE)
    linker = Linker(base.register(table, dataset_display_name="people"), made, log_level=50)
    for column in FREQUENT:
        linker.table_management.register_term_frequency_lookup(
            base.register(_frequencies(column, columns[column], people, (bearers or {}).get(column))), column
        )
    low, high = np.minimum(a, b), np.maximum(a, b)
    pairs = pa.table({"match_key": pa.array(["0"] * len(a), pa.string()), "join_key_l": low, "join_key_r": high})
    linker.table_management.register_blocked_pairs_for_predict(base.register(pairs))
    found = linker.inference.predict(warning_mode="never").as_duckdbpyrelation().arrow()
    if hasattr(found, "read_all"):
        found = found.read_all()
    left, right = found["unique_id_l"].to_numpy(), found["unique_id_r"].to_numpy()
    order = np.lexsort((right, left))
    levels = {c: found[f"gamma_{c}"].to_numpy()[order] for c in PEOPLE}
    client.close()
    return Scored(left[order], right[order], found["match_probability"].to_numpy()[order], levels)


def _frequencies(column: str, values: Sequence[str | None], people: int, bearers: Mapping[str, int] | None) -> pa.Table:
    """How common each value is among the people."""
    counts = bearers if bearers is not None else Counter(v for v in values if v is not None)
    known = sorted({v for v in values if v is not None})
    shares = np.array([counts.get(v, 1) for v in known], float) / max(people, LEAST_PEOPLE)
    return pa.table({column: pa.array(known, pa.string()), f"tf_{column}": shares})
