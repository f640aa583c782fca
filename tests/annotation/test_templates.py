"""What every template that is shipped holds: codes that may be used, and its texts in both languages."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydicom.sr._concepts_dict import concepts

from annotation import catalogue, codes, forms
from annotation.kinds import KINDS

SLUGS = list(catalogue.names())
EVERY = pytest.mark.parametrize("slug", SLUGS)
# said to be knee osteoarthritis, tears and fractures, but confirmed by no browser of SNOMED CT
UNVERIFIED = {"239873007", "239720000", "239725005", "125605004", "263199001", "274152003"}


def tables(content: Any) -> Iterator[dict[str, Any]]:
    """Every table of a template's fields, however deep."""
    if isinstance(content, dict):
        yield content
    for part in content.values() if isinstance(content, dict) else content:
        if isinstance(part, dict | list):
            yield from tables(part)


@EVERY
def test_each_text_stands_in_chinese_beside_the_english_one(slug: str) -> None:
    content = catalogue.load(slug)
    tables_with_text = [content, *tables(content["fields"])]
    missing = [
        (key, table[key])
        for table in tables_with_text
        for key in ("name", "description", "label", "help", "definition", "site_labels")
        if key in table and "version" not in table and not table.get(f"{key}_zh")
    ]
    assert missing == []


@EVERY
def test_each_field_option_and_grade_has_a_code_with_its_meaning(slug: str) -> None:
    fields = catalogue.load(slug)["fields"]
    coded = [table["code"] for table in tables(fields) if "value" in table and "label" in table]
    asked = [field.get("code") or field["scale"]["code"] for field in fields]
    attributes = [one["code"] for field in fields for one in field.get("attributes", [])]
    for code in (*coded, *asked, *attributes):
        assert code["meaning"]
        assert code["scheme"] in ("SCT", "99MSK")


def test_each_snomed_code_is_one_that_dicom_ships_with_its_meaning() -> None:
    snomed: Any = concepts["SCT"]
    known: dict[str, str] = {
        value: meaning for by_value in snomed.values() for value, (meaning, _) in by_value.items()
    }
    for value, meaning in codes.table()["SCT"]["meanings"].items():
        assert value not in UNVERIFIED
        assert known[value].lower().startswith(meaning.lower()), value


def test_no_two_codes_of_ours_mean_the_same() -> None:
    meanings = list(codes.table()["99MSK"]["meanings"].values())
    assert len(set(meanings)) == len(meanings)


def test_a_form_holds_the_whole_code() -> None:
    field = catalogue.load("knee-oa-kl")["fields"][0]
    assert field["grades"][3]["code"] == {
        "value": "KL3",
        "scheme": "99MSK",
        "meaning": "Kellgren-Lawrence grade 3",
        "version": "1",
    }


def test_a_code_that_stands_in_no_table_is_refused(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (catalogue.FOLDER / "knee-oa-kl.toml").read_text(encoding="utf-8")
    (tmp_path / "knee-oa-kl.toml").write_text(text.replace("99MSK:KL3", "99MSK:KL9"), "utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    with pytest.raises(catalogue.TemplateProblem, match=r"'KL9' stands in no table"):
        catalogue.load("knee-oa-kl")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('covariates = ["weight"]', r"\[training\] covariates: 'weight' is none"),
        ('images = "volume"', r"\[training\] images = 'volume' needs volume = "),
    ],
)
def test_a_line_of_training_that_is_wrong_is_refused(
    line: str, sentence: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (catalogue.FOLDER / "knee-oa-kl.toml").read_text(encoding="utf-8")
    text = text.replace("[training]\n", f"[training]\n{line}\n")
    (tmp_path / "knee-oa-kl.toml").write_text(text, "utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    with pytest.raises(catalogue.TemplateProblem, match=sentence):
        catalogue.load("knee-oa-kl")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("x = [", "cannot be read"), ('slug = "b"\n', "b.toml: "), ("\xff", "cannot be read")],
)
def test_a_faulty_template_takes_no_other_away(
    name: str, sentence: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (catalogue.FOLDER / "knee-oa-kl.toml").read_text(encoding="utf-8")
    (tmp_path / "knee-oa-kl.toml").write_text(text, "utf-8")
    (tmp_path / "b.toml").write_bytes(name.encode("latin-1"))
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    assert list(catalogue.names()) == ["knee-oa-kl"]
    assert sentence in catalogue.listed()["b"].problem


def slots_of(slug: str) -> list[str]:
    return [slot.slot for slot in forms.slots(catalogue.load(slug))]


def test_the_fracture_form_asks_presence_first_and_boxes_only_where_there_is_one() -> None:
    content = catalogue.load("fracture-radiograph")
    assert slots_of("fracture-radiograph")[0] == "fracture"
    absent = {"fracture": {"state": "answered", "value": "absent"}}
    present = {"fracture": {"state": "answered", "value": "present"}}
    assert forms.validate(content, absent, complete=True) == {}
    assert list(forms.validate(content, present, complete=True)) == ["fractures"]
    boxes = content["fields"][1]
    assert [one["key"] for one in boxes["attributes"]] == [
        "bone",
        "segment",
        "certainty",
        "displaced",
        "acuity",
        "joint",
        "ao_ota",
    ]


def test_a_knee_needs_its_grade_only_and_may_have_more() -> None:
    content = catalogue.load("knee-oa-kl")
    assert forms.validate(content, {"kl": {"state": "answered", "value": 2}}, complete=True) == {}
    for slot in forms.slots(content)[1:]:
        assert KINDS["grade"].value_problem(slot.field, 4) == "Choose a grade from 0 to 3."


def test_a_torn_meniscus_is_described_and_an_intact_one_is_not() -> None:
    content = catalogue.load("knee-tears-mr")
    answers: forms.Answers = {
        "acl": {"state": "answered", "value": "intact"},
        "meniscus@medial": {"state": "answered", "value": "tear"},
        "meniscus@lateral": {"state": "answered", "value": "intact"},
    }
    assert list(forms.validate(content, answers, complete=True)) == [
        "zones@medial",
        "tear_type@medial",
    ]
    zones = next(field for field in content["fields"] if field["key"] == "zones")
    assert (zones["map"], zones["many"]) == ("meniscus", True)
