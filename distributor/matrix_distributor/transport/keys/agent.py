"""The ssh-agent."""

from __future__ import annotations

import os
import socket
import threading

from paramiko import Message, SSHException
from paramiko.agent import AgentSSH

from matrix_distributor.transport.options import TransportError

AGENT_TIMEOUT = 10.0
"""Seconds that the agent may take for an answer: it may ask a person, but must not hold up a fleet for ever."""


class Agent(AgentSSH):
    """The ssh-agent behind one socket. Its answers may be asked for from several threads."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._one_at_a_time = threading.Lock()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(AGENT_TIMEOUT)
        try:
            connection.connect(path)
            self._connect(connection)  # type: ignore[attr-defined]
        except BaseException:
            connection.close()
            raise

    def _send_message(self, message: bytes) -> tuple[int, Message]:
        with self._one_at_a_time:
            answer: tuple[int, Message] = super()._send_message(message)  # type: ignore[misc]
            return answer

    def close(self) -> None:
        """Let it go."""
        self._close()  # type: ignore[attr-defined]


def sign_with_agent(public: bytes, payload: bytes | None) -> bytes:
    """The signature over `payload`, in SSH's encoding, by the key with this public half in the agent of SSH_AUTH_SOCK.

    Without a payload nothing is signed: it only raises. Raises TransportError when there is no agent, it does not hold
    the key, or refuses.
    """
    path = os.environ.get("SSH_AUTH_SOCK", "")
    if not path:
        raise TransportError("there is no agent (SSH_AUTH_SOCK is not set)")
    try:
        agent = Agent(path)
    except (OSError, SSHException) as error:
        raise TransportError(f"the agent at {path} does not answer: {error}") from error
    try:
        held = [key for key in agent.get_keys() if key.blob == public]
        if not held:
            raise TransportError(f"the agent at {path} does not hold it (ssh-add)")
        if payload is None:
            return b""
        signature = held[0].sign_ssh_data(payload)
        return signature.asbytes() if isinstance(signature, Message) else bytes(signature)
    except (OSError, SSHException) as error:
        raise TransportError(f"the agent at {path} does not sign: {error}") from error
    finally:
        agent.close()
