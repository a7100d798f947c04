"""Programs that stand ready on a host where connections are kept: over real SSH, by a small one in sh."""

import time

import pytest

from matrix_distributor.dialogue import Command, Failure, Reply, Request, Resident, Target, Timeouts
from matrix_distributor.transport import Pool, SSHOptions

# Tells at each request how many it has had before; of "die" it dies before it takes it, of "fall" after that.
PROGRAM = """\
echo noise
n=0
while read -r verb size; do
    [ "$verb" != die ] || exit 3
    echo taken
    [ "$verb" != fall ] || exit 4
    [ "$verb" != hang ] || sleep 60
    body=$(dd bs=1 count="$size" 2>/dev/null)
    told="$$ $n $body"
    echo "reply 7 ${#told} 4"
    printf %s "$told" oops
    n=$((n + 1))
done
"""
LINE = f"exec sh -c '{PROGRAM}'"
INSTEAD = "cat; echo instead"


def say(*commands):
    """A dialogue that gives all the replies."""
    replies = []
    for command in commands:
        replies.append((yield command))
    return replies


def request(verb="echo", stdin=b"hello", line=LINE, **more):
    return Request(INSTEAD, stdin=stdin, resident=Resident(line, verb), **more)


@pytest.fixture
def one(fleet):
    return Target("h1", fleet.address("h1"), 2222, "root")


@pytest.fixture
def pool(fleet):
    def open_pool(*, keep=True, timeouts=None):
        options = SSHOptions(
            identities=(fleet.identity,), known_hosts=(fleet.known_hosts,), config=fleet.ssh_config, agent=False
        )
        return Pool(options, keep=keep, timeouts=timeouts or Timeouts())

    return open_pool


def ask(pool, target, *commands):
    [(_, outcome)] = pool.converse([(target, say(*commands))])
    return outcome


def test_the_same_program_answers_one_request_after_another(pool, one):
    with pool() as kept:
        first = ask(kept, one, request(), request(stdin=b"again"))
        second = ask(kept, one, request(stdin=b""))
    told = [reply.stdout.split() for reply in (*first, *second)]
    assert [words[1:] for words in told] == [[b"0", b"hello"], [b"1", b"again"], [b"2"]]
    assert len({words[0] for words in told}) == 1, "it is one process"
    assert {(reply.status, reply.stderr) for reply in (*first, *second)} == {(7, b"oops")}


def test_where_connections_are_not_kept_the_command_is_run(pool, one):
    with pool(keep=False) as fleeting:
        assert [reply.stdout for reply in ask(fleeting, one, request())] == [b"helloinstead\n"]


def test_a_host_without_the_program_runs_the_command_and_is_not_asked_for_it_again(pool, one, fleet):
    missing = request(line="echo x >>/tmp/asked; exit 127")
    with pool() as kept:
        replies = ask(kept, one, missing, missing)
    assert [(reply.status, reply.stdout) for reply in replies] == [(0, b"helloinstead\n")] * 2
    assert fleet.read("h1", "/tmp/asked") == b"x\n"


def test_what_needs_the_program_alone_is_not_said_where_it_is_known_to_be_missing(pool, one, fleet):
    line = "echo x >>/tmp/wanted; exit 127"
    alone = Request("echo y >>/tmp/wanted; exit 127", resident=Resident(line, "echo", alone=True))
    with pool() as kept:
        replies = ask(kept, one, alone, alone, Command("echo there"), alone)
    assert [reply.status for reply in replies] == [127, 127, 0, 127]
    assert fleet.read("h1", "/tmp/wanted") == b"x\ny\n"


def test_a_program_that_has_died_is_no_loss(pool, one):
    with pool() as kept:
        [first] = ask(kept, one, request())
        process = first.stdout.split()[0].decode()
        ask(kept, one, Command(f"kill -9 {process}"))
        [second] = ask(kept, one, request())
        [third] = ask(kept, one, request("die"))
        [fourth] = ask(kept, one, request())
    assert second.stdout.split()[1:] == [b"0", b"hello"] or second.stdout == b"helloinstead\n"
    assert third.stdout == b"helloinstead\n", "it took nothing, so the command does it"
    assert fourth.stdout.split()[1:] == [b"0", b"hello"], "and a new one is started"


def test_a_program_that_dies_with_the_request_in_its_hands_is_a_reply_with_its_status(pool, one):
    with pool() as kept:
        [reply] = ask(kept, one, request("fall"))
    assert isinstance(reply, Reply)
    assert (reply.status, reply.stdout) == (4, b"")


def test_a_program_that_takes_nothing_is_given_up_in_the_time_of_a_login(pool, one):
    began = time.monotonic()
    with pool(timeouts=Timeouts(login=1.0)) as kept:
        outcome = ask(kept, one, request(line="exec sleep 60"))
        again = ask(kept, one, Command("echo fine"))
    assert isinstance(outcome, Failure)
    assert "was not begun within 1 s" in outcome.cause
    assert again[0].stdout == b"fine\n"
    assert time.monotonic() - began < 30


def test_a_request_that_is_not_answered_is_given_up_in_its_own_time(pool, one):
    with pool() as kept:
        outcome = ask(kept, one, request("hang", timeout=1.0))
    assert isinstance(outcome, Failure)
    assert outcome.stage == "command"


def test_an_answer_that_is_none_fails_the_host(pool, one):
    with pool() as kept:
        outcome = ask(kept, one, request(line="echo taken; yes no | head -n 10000; sleep 60"))
    assert isinstance(outcome, Failure)
    assert "something else" in outcome.cause


def test_large_requests_are_sent_with_flow_control(pool, one):
    body = b"x" * 3_000_000
    counting = "read -r verb size; echo taken; n=$(head -c $size | wc -c); echo reply 0 ${#n} 0; printf %s $n; cat"
    with pool() as kept:
        [reply] = ask(kept, one, request(stdin=body, line=f"exec sh -c '{counting}'"))
    assert reply.stdout.strip() == b"3000000"


def test_what_stands_ready_ends_with_the_connection(pool, one, fleet):
    with pool() as kept:
        [reply] = ask(kept, one, request())
        process = reply.stdout.split()[0].decode()
        assert fleet.run("h1", "kill", "-0", process).returncode == 0
    end = time.monotonic() + 20
    while fleet.run("h1", "kill", "-0", process).returncode == 0:
        assert time.monotonic() < end
        time.sleep(0.05)
