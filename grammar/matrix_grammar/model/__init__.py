"""What a Fleet is made of: hosts, roles, states, properties and their types, as immutable values."""

from .declared import Group, PropertyType, StateKind
from .facts import Scalar, Value, text, texts
from .host import Host, Membership, State
from .names import PROPERTY_NAME, RESERVED_NAMES, RESERVED_PROPERTIES, binding_name
from .property_table import PropertyTable, property_table
from .role import Role, RoleSection
from .values import ValueMistake, address_identity, canonical_address, is_ipv4, read_value
from .vocabulary import UP

__all__ = [
    "PROPERTY_NAME",
    "RESERVED_NAMES",
    "RESERVED_PROPERTIES",
    "UP",
    "Group",
    "Host",
    "Membership",
    "PropertyTable",
    "PropertyType",
    "Role",
    "RoleSection",
    "Scalar",
    "State",
    "StateKind",
    "Value",
    "ValueMistake",
    "address_identity",
    "binding_name",
    "canonical_address",
    "is_ipv4",
    "property_table",
    "read_value",
    "text",
    "texts",
]
