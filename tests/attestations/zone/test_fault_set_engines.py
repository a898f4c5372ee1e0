"""The detection matrix, every tool that is installed run on every zone: they agree, or the difference is known."""

import pytest
from fault_zones.bench import Bench
from fault_zones.cases import CASES, OTHERS, algorithm_for
from fault_zones.differences import DIFFERENCES
from fault_zones.write import BEGIN, END, PAGE, matrix

from attestations.zone.engines import ENGINES


@pytest.mark.needs("dnssec-verify", "ldns-verify-zone", "kzonecheck", "validns")
@pytest.mark.parametrize("engine", OTHERS)
@pytest.mark.parametrize("name", CASES)
def test_other_code_bases_agree_or_the_difference_is_known(name, engine, loaded, now):
    case = CASES[name]
    zone, anchors = loaded(case.build(Bench(now, algorithm_for(engine, name))))
    report = ENGINES[engine].validate(zone, anchors, now)
    assert report.verdict == case.differ.get(engine, case.verdict), report.findings


def test_every_difference_is_explained_once():
    explained = [(one.engine, name) for one in DIFFERENCES for name in one.classes]
    assert sorted(explained) == sorted((engine, name) for name, case in CASES.items() for engine in case.differ)


def test_the_page_shows_the_matrix():
    assert PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0] == "\n" + matrix()
