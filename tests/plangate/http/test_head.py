"""The fields of a head: every value of each, in the order in which they were sent, as bytes of Latin-1."""

from plangate.http.head import Head


def test_a_field_that_is_sent_several_times_has_every_value() -> None:
    head = Head([(b"accept", b"text/html"), (b"origin", b"https://a.test"), (b"accept", b"*/*"), (b"accept", b"x/y")])
    assert head.all(b"accept") == ["text/html", "*/*", "x/y"]
    assert head.joined(b"accept") == "text/html,*/*,x/y"
    assert head.first(b"accept") == "text/html"
    assert head.all(b"origin") == ["https://a.test"]
    assert b"origin" in head


def test_what_was_not_sent_is_nothing_and_what_is_no_text_is_still_told() -> None:
    head = Head([(b"x-name", b"\xfc\xff")])
    assert (head.all(b"accept"), head.joined(b"accept"), head.first(b"accept")) == ([], "", "")
    assert b"accept" not in head
    assert head.first(b"x-name") == "\u00fc\u00ff"
