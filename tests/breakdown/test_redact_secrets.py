"""Private keys go as a whole, and where they never end."""

from __future__ import annotations

from time import process_time

from xpubreak.breakdown.privatetexts import PrivateTexts


def test_a_private_key_goes_over_many_lines() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpA\nab+/cd==\n-----END RSA PRIVATE KEY-----"
    assert PrivateTexts().text(f"a\n{key}\nb") == "a\nsecret-left-out\nb"
    assert PrivateTexts().text(key[:44]) == "secret-left-out"
    of_a_change = key.replace("\n", "\n-")
    assert PrivateTexts().text(of_a_change) == "secret-left-out"
    assert PrivateTexts().text(f"{key}\na\n{key}") == "secret-left-out\na\nsecret-left-out"


def test_keys_that_only_begin_take_no_more_time_than_their_length() -> None:
    begun_s = process_time()
    PrivateTexts().without_keys("-----BEGIN PRIVATE KEY-----;" * 20_000)
    assert process_time() - begun_s < 0.8, "some 0.03 s; were each looked through for its end, 2 s"
