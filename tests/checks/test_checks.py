"""The check scripts find what they are there to find, and nothing else."""

import pytest

from tests.checks.offline_pages import problems
from tests.checks.stray_addresses import offences

SCHEME = "https" + "://"
FOLDER = "/" + "home/somebody/project"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "pyproject.toml", ".ci/run"])
def test_files_that_name_packages_hold_no_address(name):
    assert offences(name, f"click==8\n{SCHEME}host/simple\n") == [f"{name}:2: {SCHEME}host/simple"]


def test_no_file_names_a_folder_of_a_machine():
    assert offences("docs/a.md", f"see {FOLDER}") == [f"docs/a.md:1: see {FOLDER}"]


@pytest.mark.parametrize(
    "text", ["work/home conflict", "$HOME/.cache", "../tmp/x", "/usr/bin/python3", f"{SCHEME}a/home/b"]
)
def test_prose_and_relative_paths_pass(text):
    assert offences("docs/a.md", text) == []


def test_lock_files_with_addresses_are_refused():
    assert offences("uv.lock", "")


@pytest.mark.parametrize(
    "page",
    [
        f'<script src="{SCHEME}host/a.js"></script>',
        '<img src="//host/a.png">',
        f'<link rel="stylesheet" href="{SCHEME}host/a.css">',
        f"<style>@import '{SCHEME}host/a.css';</style>",
        f'<p style="background: url({SCHEME}host/a.png)">',
        '<img src="missing.png">',
        '<span class="math notranslate">x^2</span>',
    ],
)
def test_a_page_that_loads_or_lacks_something_is_reported(tmp_path, page):
    (tmp_path / "index.html").write_text(page)
    assert len(problems(tmp_path / "index.html", tmp_path)) == 1


def test_links_inline_data_and_local_files_pass(tmp_path):
    (tmp_path / "a.css").write_text("p { background: url(data:image/png;base64,AAAA) }")
    page = f'<link rel="stylesheet" href="a.css?v=1"><a href="{SCHEME}host">x</a><img src="data:image/gif;base64,AA">'
    (tmp_path / "index.html").write_text(page)
    assert problems(tmp_path / "index.html", tmp_path) == []
    assert problems(tmp_path / "a.css", tmp_path) == []


def test_all_of_nothing_is_no_test():
    assert all(number > 1 for number in (2, 3))
    assert not all(number > 2 for number in (2, 3))
    with pytest.raises(AssertionError, match="of nothing"):
        assert all(number > 1 for number in ())
