"""Preparing hosts for an account of least privilege."""

from .enrollment import Enrolled, Enrollment, dismiss, enroll, enrolment_mark, places_for

__all__ = [
    "Enrolled",
    "Enrollment",
    "dismiss",
    "enroll",
    "enrolment_mark",
    "places_for",
]
