from __future__ import annotations

import hashlib
import threading

from django.core.files.storage import default_storage

from studyapp import storage


def test_equal_bytes_are_stored_once_under_their_hash() -> None:
    name, content_hash = storage.store(b"some bytes", folder="test", suffix=".bin")
    assert content_hash == hashlib.sha256(b"some bytes").hexdigest()
    assert storage.store(b"some bytes", folder="test", suffix=".bin") == (name, content_hash)
    assert default_storage.listdir(f"test/{content_hash[:2]}")[1] == [f"{content_hash[2:]}.bin"]


def test_a_file_cut_short_by_a_crash_is_made_whole() -> None:
    name, _ = storage.store(b"written in full", folder="test", suffix=".bin")
    with default_storage.open(name, "wb") as stream:
        stream.write(b"written")
    storage.store(b"written in full", folder="test", suffix=".bin")
    with default_storage.open(name) as stream:
        assert stream.read() == b"written in full"


def test_many_who_store_the_same_at_once_leave_one_file() -> None:
    content = b"x" * 200_000
    start = threading.Barrier(8)
    names = set()

    def store() -> None:
        start.wait()
        names.add(storage.store(content, folder="race", suffix=".bin")[0])

    threads = [threading.Thread(target=store) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (name,) = names
    folder, _, file = name.rpartition("/")
    assert default_storage.listdir(folder)[1] == [file]
    assert default_storage.size(name) == len(content)


def test_what_has_a_name_of_its_own_is_replaced_whole() -> None:
    storage.store_as("named/thing.bin", content=b"first, and longer")
    storage.store_as("named/thing.bin", content=b"second")
    assert default_storage.listdir("named") == ([], ["thing.bin"])
    with default_storage.open("named/thing.bin") as stream:
        assert stream.read() == b"second"
