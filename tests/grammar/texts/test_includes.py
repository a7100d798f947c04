"""What a text can reach by `@include`: files below the folder of the MATRIX, and what is allowed beside them."""

import os
from pathlib import Path

import pytest

from matrix_grammar.reading import Reading, read
from matrix_grammar.rendering import render
from matrix_grammar.texts import globbing as bounds
from matrix_grammar.texts.fence import Fence
from matrix_grammar.texts.source import Standing

SECRET = "hunter2"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of a MATRIX that everybody may read, beside other folders."""
    os.chmod(tmp_path, 0o755)
    folder = tmp_path
    while folder != folder.parent and folder.stat().st_uid == os.getuid():
        folder.chmod(folder.stat().st_mode | 0o011)
        folder = folder.parent
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


def reading_of(site: Path, text: str, *allow: Path) -> Reading:
    (site / "MATRIX").write_text(text)
    return read(site / "MATRIX", [str(each) for each in allow])


def put(path: Path, text: str, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def codes(reading: Reading) -> list[str]:
    return [diagnostic.code for diagnostic in reading.diagnostics]


def told(reading: Reading) -> str:
    """Everything that any form of the diagnostics shows."""
    forms = [render(reading.diagnostics, form) for form in ("full", "concise", "github")]
    return "\n".join([*forms, str(reading.as_json())])


def test_what_is_below_the_folder_of_the_matrix_is_read_as_ever(site: Path) -> None:
    put(site / "sites/tokyo", "w1 10.0.0.1\n")
    assert reading_of(site, "@include sites/*\n").diagnostics == ()


def test_a_usual_site_with_a_link_to_its_texts_goes_on_and_is_told_the_line(site: Path) -> None:
    put(site.parent / "git/matrix.d/a.matrix", "w1 10.0.0.1\n")
    (site / "matrix.d").symlink_to(site.parent / "git/matrix.d")
    reading = reading_of(site, "@include matrix.d/*.matrix\n")
    assert codes(reading) == ["M056"]
    assert reading.fleet is not None
    assert [host.name for host in reading.fleet] == ["w1"]
    folder = f"{site.parent}/git/matrix.d/"
    assert reading.diagnostics[0].cure.endswith(f'under [allow] in matrix.toml: includes = ["{folder}"]')
    assert reading_of(site, "@include matrix.d/*.matrix\n", Path(folder)).diagnostics == ()


def test_the_line_names_all_that_stands_outside_so_that_it_is_pasted_once(site: Path) -> None:
    put(site.parent / "a/a.matrix", "w1 10.0.0.1\n")
    put(site.parent / "b/b.matrix", "w2 10.0.0.2\n")
    reading = reading_of(site, "@include ../a/*\n@include ../b/b.matrix\n")
    assert {d.cure.partition("includes = ")[2] for d in reading.diagnostics} == {
        f'["{site.parent}/a/", "{site.parent}/b/b.matrix"]'
    }


def test_a_file_of_another_kind_is_neither_shown_nor_taken(site: Path) -> None:
    other = put(site.parent / "key", f"-----BEGIN {SECRET}-----\nroot:{SECRET}:0\n=\n")
    reading = reading_of(site, f"@include {other}\n")
    assert reading.fleet is None
    assert codes(reading) == ["M056", "M058"]
    assert "1 error in" in reading.diagnostics[1].message
    assert SECRET not in told(reading)


def test_a_word_of_another_file_comes_out_of_no_message_either(site: Path) -> None:
    for content in (
        SECRET,
        f"[{SECRET}]\n    w1\n",
        f"@group a = {SECRET}",
        f"@include {SECRET}*",
    ):
        other = put(site.parent / "word", content + "\n")
        own = f"@include {other}\n@group b = {SECRET[:-1]}\nx1 10.0.0.1\n"
        assert SECRET not in told(reading_of(site, own)).replace(str(other), ""), content


def test_what_not_everybody_may_read_is_not_made_readable_on_every_host(site: Path) -> None:
    for mode in (0o600, 0o640):
        other = put(site.parent / "note", f"# password for backup: {SECRET}\n", mode)
        reading = reading_of(site, f"@include {other}\nw1 10.0.0.1\n")
        assert codes(reading) == ["M057"]
        assert all(SECRET not in source.text for source in reading.sources)
    put(site.parent / "closed/note", f"# {SECRET}\n")
    (site.parent / "closed").chmod(0o700)
    assert codes(reading_of(site, "@include ../closed/note\nw1 10.0.0.1\n")) == ["M057"]


def test_texts_of_a_site_under_a_narrow_umask_are_taken_all_the_same(site: Path) -> None:
    put(site.parent / "git/a.matrix", "w1 10.0.0.1\n", 0o640)
    (site.parent / "git").chmod(0o750)
    assert codes(reading_of(site, "@include ../git/*.matrix\n")) == ["M056"]


def test_a_key_beside_the_matrix_is_not_shown(site: Path) -> None:
    put(site / "signing", f"-----BEGIN {SECRET}-----\n", 0o600)
    assert codes(reading_of(site, "@include signing\n")) == ["M057"]
    (site / "MATRIX").chmod(0o600)
    reading = reading_of(site, "@include signing\n")
    assert codes(reading) == ["M058"]
    assert SECRET not in told(reading)


@pytest.mark.parametrize("pattern", ["/proc/self/environ", "/proc/self/cmdline", "/sys/kernel/vmcoreinfo", "/dev/zero"])
def test_what_the_kernel_makes_is_never_read(site: Path, pattern: str) -> None:
    reading = reading_of(site, f"@include {pattern}\nw1 10.0.0.1\n", Path("/"))
    assert codes(reading) == ["M057"]
    assert not reading.diagnostics[0].cure


def test_a_file_is_opened_where_it_was_judged_to_lie(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(site / "sites/a", "w1 10.0.0.1\n")
    put(site.parent / "secret/a", f"# {SECRET}\n", 0o600)
    open_ = Fence.open

    def swapped(fence: Fence, real: str) -> tuple[int, Standing]:
        """Somebody puts a link in the place of a folder once it is known where the file lies."""
        (site / "sites").rename(site / "gone")
        (site / "sites").symlink_to(site.parent / "secret")
        return open_(fence, real)

    monkeypatch.setattr(Fence, "open", swapped)
    (site / "MATRIX").write_text("@include sites/a\n")
    reading = read(site / "MATRIX")
    assert codes(reading) == ["M001"]
    assert all(SECRET not in source.text for source in reading.sources)


@pytest.mark.parametrize("pattern", ["/**/nosuchzz", "/proc/self/**/zz", "../**/zz", "/../**"])
def test_no_walk_begins_above_the_matrix(site: Path, pattern: str) -> None:
    assert codes(reading_of(site, f"@include {pattern}\nw1 10.0.0.1\n")) == ["M059"]


def test_a_walk_ends_at_its_bounds(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        put(site / f"d{number}/x", "")
    for name, bound in (("MOST_FOLDERS", 20), ("MOST_ENTRIES", 20), ("MOST_SECONDS", -1.0), ("DEEPEST", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(bounds, name, bound)
            assert codes(reading_of(site, "@include **/zz\nw1 10.0.0.1\n")) == ["M059"], name
    with monkeypatch.context() as patch:
        patch.setattr(bounds, "MOST_FOLDERS", 30)
        reading = reading_of(site, "@include **/zz\n@include **/yy\nw1 10.0.0.1\n")
        assert codes(reading) == ["M008", "M059"], "the patterns of one reading have one bound"
    assert codes(reading_of(site, "@include **/zz\nw1 10.0.0.1\n")) == ["M008"]


def test_links_in_a_circle_are_walked_once(site: Path) -> None:
    put(site / "sites/a.matrix", "w1 10.0.0.1\n")
    (site / "sites/self").symlink_to(".")
    (site / "sites/knot").symlink_to("knot")
    assert reading_of(site, "@include sites/**/*.matrix\n").diagnostics == ()


def test_a_link_above_the_matrix_ends_the_walk(site: Path) -> None:
    (site / "up").symlink_to("/")
    assert codes(reading_of(site, "@include **/*.matrix\nw1 10.0.0.1\n")) == ["M059"]


def test_a_link_that_is_exchanged_just_then_ends_no_reading(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python looks whether a path is a link, and then where it leads; between the two it can become a file."""
    (site / "a.matrix").write_text("w1 10.0.0.1 [ps]\n")
    real, left = os.path.realpath, [3]

    def racing(path: str) -> str:
        if str(path).endswith("a.matrix") and left[0]:
            left[0] -= 1
            raise OSError(22, "Invalid argument", path)
        return real(path)

    monkeypatch.setattr(os.path, "realpath", racing)
    assert reading_of(site, "@include a.matrix\n").fleet is not None
    assert not left[0]


def test_a_matrix_that_is_replaced_all_the_while_is_read(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening and looking where the path leads another file can come, as from a program that writes often."""
    matrix, new = site / "MATRIX", site / "new"
    matrix.write_text("[ps]\n  w1 10.0.0.1\n")
    real, left = os.open, [3]

    def racing(path: str, *rest: int, **more: int) -> int:
        descriptor = real(path, *rest, **more)
        if str(path) == str(matrix) and left[0]:
            left[0] -= 1
            new.write_text(f"[ps]\n  w1 10.0.0.1\n  w2 10.0.0.2 weight={left[0] + 1}\n")
            new.replace(matrix)
        return descriptor

    monkeypatch.setattr(os, "open", racing)
    fleet = read(matrix).fleet
    assert fleet is not None
    assert fleet.host("w2").properties["weight"] == 1, "and it is the newest that is read"
