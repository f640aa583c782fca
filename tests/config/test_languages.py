"""The pages that the server makes itself, in the reader's language."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import gettext, override

from tests.factories.accounts import make_user

CHINESE = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}
SAID = re.compile(r'{% translate "([^"]+)" %}')


def sentences() -> set[str]:
    folder = settings.BASE_DIR / "platform" / "config" / "templates"
    return {
        said
        for page in folder.rglob("*.html")
        for said in SAID.findall(page.read_text(encoding="utf-8"))
    }


def test_every_sentence_of_the_pages_is_in_the_compiled_catalogue() -> None:
    with override("zh-hans"):
        found = {said: gettext(said) for said in sentences()}
    assert len(found) > 10
    assert [said for said, chinese in found.items() if chinese == said] == []


def test_the_compiled_catalogue_is_that_of_its_source() -> None:
    [folder] = settings.LOCALE_PATHS
    source = (folder / "zh_Hans/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    pairs = dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', source, re.MULTILINE))
    assert set(pairs) == sentences()
    with override("zh-hans"):
        assert {said: gettext(said) for said in pairs} == pairs


@pytest.mark.django_db
def test_the_way_in_speaks_the_language_of_the_browser(client: Client) -> None:
    make_user("ada")
    page = client.get("/accounts/login/", headers=CHINESE).content.decode()
    assert '<html lang="zh-hans">' in page
    assert "<h1>登录</h1>" in page
    wrong = {"login": "ada", "password": "wrong"}
    refused = client.post("/accounts/login/", wrong, headers=CHINESE).content.decode()
    assert re.search(r'class="error" role="alert">[^<a-z]*密码', refused)
    assert '<html lang="en">' in client.get("/accounts/login/").content.decode()


@pytest.mark.django_db
def test_what_one_chose_counts_more_and_leads_back(client: Client) -> None:
    here = "/accounts/login/?next=/tasks/3"
    chosen = client.post("/accounts/language/", {"language": "zh-hans", "next": here})
    assert chosen["Location"] == here
    page = client.get(here, headers={"accept-language": "en"}).content.decode()
    assert "<h1>登录</h1>" in page
    assert 'lang="zh-hans" aria-current="true">简体中文<' in page
    assert ">English<" in page  # each by its own name


def test_the_cookie_of_the_pages_names_the_language_short(client: Client) -> None:
    client.cookies["osteon_language"] = "zh"
    assert "登录" in client.get("/accounts/login/").content.decode()
