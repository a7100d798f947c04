"""Signatures over manifests, as `ssh-keygen -Y` makes and checks them."""

from .signing import Signer, check_signature, load_signer

__all__ = ["Signer", "check_signature", "load_signer"]
