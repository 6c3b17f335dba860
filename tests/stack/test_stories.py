"""The compose stack under load and under fire: nothing is lost, nothing is done twice, nobody waits."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from tests.services import wait_until
from tests.stack.stack import Browser, Stack

pytestmark = pytest.mark.timeout(1200)
Pictures = Callable[[int, int], dict[str, bytes]]
Ask = Callable[..., Path]
WORKERS = ("worker-pictures-1", "worker-pictures-2")


def of(door: str, what: str, more: str = "") -> str:
    """A question about the analyses of the pictures that came in through this door."""
    biopsy = door.split("/")[2]
    return (
        f"SELECT {what} FROM cases_biopsyimage i JOIN analyses_analysis a ON a.image_id = i.id"
        f" JOIN jobs_job j ON j.id = a.job_id WHERE i.biopsy_id = '{biopsy}' {more}"
    )


def analysed(stack: Stack, door: str) -> int:
    return int(stack.query(of(door, "count(*)", "AND j.state = 'succeeded'"))[0][0])


def holder(stack: Stack, folder: Path, attempt: int = 1) -> str:
    """The worker that does this attempt at slow work, once it does."""
    path = folder / f"began-{attempt}"
    wait_until(lambda: path.exists() and path.read_text(), f"attempt {attempt} begins")
    pid = int(path.read_text())
    for name in WORKERS:
        if pid in {process.pid for process in stack.family(name)}:
            return name
    raise AssertionError(f"process {pid} belongs to no worker")


def other(name: str) -> str:
    return "worker-pictures-2" if name.endswith("1") else "worker-pictures-1"


def test_killing_one_of_two_workers_in_the_middle_loses_nothing_and_doubles_nothing(
    stack: Stack, pictures: Pictures
) -> None:
    person = stack.sign_in()
    case, door = person.new_case("P-KILL")
    # Both hold their breath until all is queued: else a quick machine is through before anyone looks.
    for name in WORKERS:
        stack.signal(name, signal.SIGSTOP)
    try:
        assert person.upload(case, door, pictures(1, 8)) == ["created"] * 8
    finally:
        for name in WORKERS:
            stack.signal(name, signal.SIGCONT)
    busy: list[str] = []

    def one_is_at_work() -> bool:
        pids = {int(pid) for (pid,) in stack.query(of(door, "j.lease_pid", "AND j.state = 'running'"))}
        for name in WORKERS:
            if pids & {process.pid for process in stack.family(name)}:
                busy.append(name)
        return bool(busy)

    wait_until(one_is_at_work, "a worker analyses")
    stack.kill(busy[0])
    wait_until(lambda: analysed(stack, door) == 8, "all are analysed by the other", 400)
    assert stack.query(of(door, "count(*), count(DISTINCT i.id), count(a.nuclei_count)")) == [(8, 8, 8)]
    assert stack.query(of(door, "max(j.attempts_used)")) in ([(1,)], [(2,)])
    again = person.upload(case, door, pictures(1, 1))
    assert again == ["duplicate"]
    assert "campo 7.png" in person.get(case).text


def test_redis_killed_and_started_again_holds_up_neither_the_pages_nor_the_work(
    stack: Stack, pictures: Pictures
) -> None:
    person = stack.sign_in()
    case, door = person.new_case("P-REDIS")
    kept = redis.Redis(port=stack.redis_port)
    kept.set("before", "the kill")
    # A busy disk makes Redis write a moment after it has answered.
    wait_until(lambda: kept.info("persistence")["aof_buffer_length"] == 0, "it is in the file")
    stack.kill("redis")
    # Neither who is signed in, nor a picture, nor whoever signs in now needs Redis.
    assert person.upload(case, door, pictures(2, 2)) == ["created"] * 2
    assert "P-REDIS" in person.get("/").text
    stack.sign_in().get("/")
    stack.start("redis")
    assert kept.get("before") == b"the kill", "the append-only file was read again"
    kept.close()
    wait_until(lambda: analysed(stack, door) == 2, "both are analysed", 400)


def test_a_worker_that_hangs_with_a_job_delays_nobody_and_its_job_is_done_once(
    stack: Stack, ask: Ask, tmp_path: Path
) -> None:
    held = ask("held")
    stopped = holder(stack, held)
    # Ready before the worker hangs, so that it is asked well within the lease.
    next_one = ask("next", when=tmp_path / "now")
    next_one.joinpath("go").touch()
    stack.signal(stopped, signal.SIGSTOP)
    try:
        (tmp_path / "now").touch()
        assert holder(stack, next_one) == other(stopped)
        # At once, that is before any lease has passed: the bell went to who was idle.
        assert not (held / "began-2").exists()
        # Its lease passes, the sweep frees the job, and the other worker takes it.
        assert holder(stack, held, attempt=2) == other(stopped)
        (held / "go").touch()
        done = "SELECT state, attempt FROM jobs_job WHERE payload ->> 'folder' = '{}'"
        wait_until(lambda: stack.query(done.format(held)) == [("succeeded", 2)], "the job ends")
    finally:
        stack.signal(stopped, signal.SIGCONT)
    # Awake again, the first finds the job another's and writes nothing.
    written = (
        "SELECT count(*) FROM accounts_clinic c JOIN jobs_job j ON c.name = j.id::text"
        f" WHERE j.payload ->> 'folder' = '{held}'"
    )
    (after := ask("after")).joinpath("go").touch()
    holder(stack, after)
    assert stack.query(written) == [(1,)]


def test_a_picture_is_analysed_while_a_training_runs(stack: Stack, ask: Ask, pictures: Pictures) -> None:
    training = ask("training", lane="training")
    wait_until((training / "began-1").exists, "the training begins")
    person = stack.sign_in()
    case, door = person.new_case("P-TRAINING")
    person.upload(case, door, pictures(3, 1))
    wait_until(lambda: analysed(stack, door) == 1, "it is analysed", 400)
    assert not (training / "go").exists(), "and the training runs on"
    page = person.get(case).text
    (analysis,) = set(re.findall(r"/analyses/[0-9a-f-]{36}/", page))
    assert person.get(analysis).ok


def test_the_first_account_is_shown_once_and_a_stranger_sees_nothing(stack: Stack) -> None:
    assert stack.query("SELECT count(*) FROM accounts_user WHERE username = 'admin'") == [(1,)]
    stranger = Browser(stack.address)
    assert stranger.get("/").url.startswith(f"{stack.address}/accounts/login/")
    curator = stack.sign_in("curadora", stack.account("curadora", "curator"))
    assert curator.get("/").url == f"{stack.address}/"
