"""The load balancer of a keepalived.conf, and the others of which it speaks, in the role `lv`."""

from __future__ import annotations

from collections.abc import Sequence

from matrix_sources.outline.outline import HostOutline, Outline

from .names import KnownHosts
from .vrrp import InstanceDraft


class Balancers:
    """Outlines them. `is_master` says of each VRID whether it begins as MASTER."""

    def __init__(self, outline: Outline, instances: Sequence[InstanceDraft], known: KnownHosts) -> None:
        self._outline = outline
        self._instances = instances
        self._known = known
        self.is_master: dict[int, bool] = {}

    def draft(self, name: str, line: int) -> dict[bool, str]:
        """Outline the load balancers; answers who is master of the instances that begin as MASTER and as BACKUP.

        Empty where one is master of all, which its role says.
        """
        outline = self._outline
        outline.role("lv", line).meaning = "load balancers"
        me = outline.host(name, line)
        me.roles["lv"] = {}
        if not self._instances:
            return {}
        first = self._instances[0]
        self._facts_of(me, first)
        peers = self._peers(me)
        self.is_master = self._begins()
        states = set(self.is_master.values())
        if False in states and first.preempt and not peers:
            peers = [self._unnamed_master(first.line)]
        if len(states) > 1:
            for peer in peers:
                peer.roles = {"lv": {}, **peer.roles}
            return {True: me.name, False: peers[0].name if peers else me.name}
        outline.role("lv.master", line, parent="lv")
        outline.role("lv.backup", line, parent="lv")
        is_master = states.pop()
        _put(me, "lv.master" if is_master else "lv.backup")
        for number, peer in enumerate(peers):
            _put(peer, "lv.master" if not is_master and number == 0 else "lv.backup")
        return {}

    def _begins(self) -> dict[int, bool]:
        """Whether each VRID begins as MASTER: as the first of its instances does, for they move together."""
        first: dict[int, InstanceDraft] = {}
        for instance in self._instances:
            leader = first.setdefault(instance.vrid, instance)
            if instance.is_master != leader.is_master:
                told = f"another than in {leader.name}: instances of one virtual_router_id move together"
                self._outline.leave(instance.line, f"vrrp_instance {instance.name}: state", told)
        return {vrid: instance.is_master for vrid, instance in first.items()}

    def _facts_of(self, me: HostOutline, first: InstanceDraft) -> None:
        """What a load balancer has for all its instances; where an instance has it otherwise is told."""
        role = self._outline.roles["lv"].facts
        role["dev"] = [first.interface]
        me.facts["priority"] = [str(first.priority)]
        if first.advert != 1:
            role["advert"] = [str(first.advert)]
        if not first.preempt:
            role["preempt"] = ["false"]
        for other in self._instances[1:]:
            for key in ("priority", "advert", "preempt"):
                if getattr(other, key) != getattr(first, key):
                    self._differs(other, key, first)

    def _differs(self, instance: InstanceDraft, key: str, first: InstanceDraft) -> None:
        told = f"another than in {first.name}: MATRIX has one for a load balancer"
        self._outline.leave(instance.line, f"vrrp_instance {instance.name}: {key}", told)

    def _peers(self, me: HostOutline) -> list[HostOutline]:
        """The load balancers to which it talks by address: in all instances of a family alike, or not at all."""
        references: dict[bool, InstanceDraft] = {}
        for instance in self._instances:
            references.setdefault(instance.is_six, instance)
        silent = next((each for each in references.values() if not each.peers), None)
        for instance in self._instances:
            reference = silent or references[instance.is_six]
            for key in ("source", "peers"):
                if getattr(instance, key) != getattr(reference, key):
                    self._differs(instance, key, reference)
        if silent is not None:
            return []
        found: list[HostOutline] = []
        reachable = True
        for reference in references.values():
            reachable &= self._outline.address(me, reference.source, reference.line)
            for number, address in enumerate(reference.peers):
                if number < len(found):
                    reachable &= self._outline.address(found[number], address, reference.line)
                else:
                    found.append(self._known.at(address, reference.line))
        if not reachable:
            for instance in self._instances:
                for key in ("source", "peers"):
                    told = "not every load balancer can have the address that it has there"
                    self._outline.leave(instance.line, f"vrrp_instance {instance.name}: {key}", told)
            return []
        self._outline.roles["lv"].facts["unicast"] = ["true"]
        return [peer for peer in found if peer is not me]

    def _unnamed_master(self, line: int) -> HostOutline:
        """The master, where the file begins as BACKUP and names nobody else."""
        name = "lv-master"
        while name in self._outline.hosts:
            name += "-2"
        self._outline.change(line, "state BACKUP", f"host {name} stands for the master, which this file does not name")
        host = self._outline.host(name, line)
        host.note = "the master, which the imported file does not name"
        return host


def _put(host: HostOutline, role: str) -> None:
    """Put a load balancer into a sub-role."""
    host.roles = {"lv": {}, role: {}, **{name: facts for name, facts in host.roles.items() if name not in ("lv", role)}}
