from __future__ import annotations

from marketplace.robots.pages import read_page

PAGE = """
<form data-quorum="trial" method="POST" action="../next?x=1">
  <input type="hidden" name="t" value="a&amp;b"><input name="note" value="">
  <input type="checkbox" name="off"><input type="radio" name="on" value="2" checked>
  <input name="dead" value="1" disabled>
  <img data-quorum="stimulus" src="/img/1.png">
  <strong data-quorum="class">tea <em>&amp;</em>
  cup</strong>
  <button name="answer" value="yes">Yes</button><button type="button" name="x">Help</button>
  <input type="submit" name="answer" value="no">
</form>
<form><button>Search</button></form>
<p data-marketplace="refused">No <b>more</b>.</p>
<iframe data-marketplace="task" src="frame?a=1"></iframe>
"""


def test_what_a_robot_needs_is_read() -> None:
    page = read_page(PAGE, url="https://lab.example/a/b/c", status=200)
    form = page.form("trial")
    assert form is not None
    assert (form.action, form.method) == ("https://lab.example/a/next?x=1", "post")
    assert form.fields == [("t", "a&b"), ("note", ""), ("on", "2")]
    assert form.buttons == [("answer", "yes"), ("answer", "no")]
    assert form.filled({"note": "n", "answer": "yes"}) == [
        ("t", "a&b"),
        ("on", "2"),
        ("note", "n"),
        ("answer", "yes"),
    ]
    assert page.stimulus_url == "https://lab.example/img/1.png"
    assert page.class_name == "tea & cup"
    assert page.frames == {"task": "https://lab.example/a/b/frame?a=1"}
    assert page.marks == {"refused": "No more."}
    assert page.forms[1].action == page.url
    assert page.form("consent") is None
