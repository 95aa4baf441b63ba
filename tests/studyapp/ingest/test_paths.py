from __future__ import annotations

import pytest

from studyapp.ingest.paths import UnsafePathError, inner_path, is_image


@pytest.mark.parametrize(
    ("name", "clean"),
    [("a/b.jpg", "a/b.jpg"), ("./a//b.jpg", "a/b.jpg"), ("a\\b.jpg", "a/b.jpg"), ("..a", "..a")],
)
def test_paths_take_one_form(name: str, clean: str) -> None:
    assert inner_path(name) == clean


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "C:\\x.jpg", "\\\\host\\x", "../x", "a/../../x", "a\\..\\x", "a\nb", "\udc80"],
)
def test_unsafe_paths_are_refused(name: str) -> None:
    with pytest.raises(UnsafePathError):
        inner_path(name)


def test_images_are_told_by_suffix_and_hidden_files_are_none() -> None:
    assert all(map(is_image, ("a.jpg", "A/B.JPEG", "x.webp", "x.gif")))
    assert not any(map(is_image, ("a.txt", "a", ".a.jpg", "__MACOSX/a.jpg", "a/.b/c.png")))
