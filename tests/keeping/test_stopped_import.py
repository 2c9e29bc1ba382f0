"""``bulou import``, ended in the middle by SIGKILL: given again it goes on, and the ledger is what an import that was never stopped gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.databases import copied
from tests.keeping.ground import called, content
from tests.run import drawn

KILLED = {
    "in the first entry": "from bulou.duties import enter as e; _killing(e, 'append', 1)",
    "in an entry": "from bulou.duties import enter as e; _killing(e, 'settle_entry', 4)",
    "between the entry and its receipt": "from bulou.desks.tracing import importing as i; _killing(i.Paper, 'write', 2)",
    "before the totals": "from bulou.desks.tracing import importing as i; _killing(i.Paper, 'end', 1)",
}
LIST = "case_id,date onset,hosp date,hospital,infector\n" + "".join(
    f"C{i},2020-05-{i % 28 + 1:02},2020-06-0{i % 9 + 1},Hospital {i % 4},{f'C{i - 1}' if i else ''}\n" for i in range(90)
)


@pytest.mark.landing
@pytest.mark.parametrize("where", drawn(KILLED, "between the entry and its receipt"))
def test_killed_in_the_middle(where: str, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    (tmp_path / "areas.csv").write_text("code,name\n51,District\n")
    words = (
        "import",
        "linelist",
        str(tmp_path / "list.csv"),
        "--new-incident",
        "x",
        "--disease",
        "y",
        "--receipt",
        str(tmp_path / "r.jsonl"),
    )
    with copied() as whole, copied() as torn:
        for url in (whole, torn):
            assert called(tmp_path, url, "areas", "load", str(tmp_path / "areas.csv")).returncode == 0
        killed = called(tmp_path, torn, *words, kill=KILLED[where])
        assert killed.returncode == -9, killed.stderr
        again = called(tmp_path, torn, *words)
        assert again.returncode == 0, again.stderr
        other = (*words[:-1], str(tmp_path / "other.jsonl"))
        assert called(tmp_path, whole, *other).returncode == 0
        said = [{row[:1] + row[4:7] for row in content(url)["fact"] if row[6] != "area.declared"} for url in (whole, torn)]
        assert said[0] == said[1]
        assert len(said[0]) == 1 + 4 + 90 * 4 + 89
        same = called(tmp_path, torn, *words[:-1], str(tmp_path / "third.jsonl"))
        assert "cases: 90 there already" in same.stdout, same.stdout
        assert called(tmp_path, torn, "rebuild", "--check").returncode == 0
    fates = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert sorted(f["key"] for f in fates if f.get("what") == "case") == sorted(f"C{i}" for i in range(90))
    assert "totals" in fates[-1]
