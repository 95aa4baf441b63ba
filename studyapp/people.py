"""Accounts of the people who run studies."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import Q

from studyapp.errors import InputError

RESEARCHERS = "researchers"
#: What researchers may do with studies they own or share; reading is open to them throughout.
MAY_DO = (
    "add_study",
    "change_study",
    "delete_study",
    "add_prediction",
    "add_manualexclusion",
)
#: Personal data stays with superusers.
MAY_NOT_SEE = ("view_rateridentity", "view_linksession")


@transaction.atomic
def make_researcher(name: str, *, password: str) -> User:
    """Create the account, or give an existing one a researcher's rights and the new password."""
    group, _ = Group.objects.get_or_create(name=RESEARCHERS)
    ours = Permission.objects.filter(content_type__app_label="studyapp")
    wanted = Q(codename__startswith="view_") | Q(codename__in=MAY_DO)
    group.permissions.set(ours.filter(wanted).exclude(codename__in=MAY_NOT_SEE))
    user, _ = User.objects.get_or_create(username=name)
    user.is_staff = True
    user.set_password(password)
    user.save(update_fields=["is_staff", "password"])
    user.groups.add(group)
    return user


def account_named(name: str) -> User:
    """The account, by the name a person signs in as."""
    user = User.objects.filter(username=name).first()
    if user is None:
        raise InputError(
            "there is no account of this name",
            item=name,
            remedy="Make one with `manage.py researcher NAME`",
        )
    return user
