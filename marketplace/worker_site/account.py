"""Sign up, sign in, sign out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from marketplace import conf
from marketplace.actions.enrol import create_worker
from marketplace.actions.invite import invitation_of
from marketplace.actions.invite import join as join_by
from marketplace.errors import EnrolmentError
from marketplace.models import Worker
from marketplace.worker_site.forms import PasswordForm, SignInForm, SignUpForm
from marketplace.worker_site.pages import show
from marketplace.worker_site.sessions import (
    current_worker,
    may_try,
    note_failure,
    own_address,
    worker_required,
)


def _onward(request: HttpRequest) -> str:
    """The page asked for before signing in, if it is one of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return target
    return resolve_url("marketplace:board")


def _signed_in(request: HttpRequest, *, form: SignInForm) -> bool:
    name, password = form.cleaned_data["username"], form.cleaned_data["password"]
    if not may_try(request, name=name):
        form.add_error(None, "Too many wrong passwords: wait a quarter of an hour, then try again.")
        return False
    user = authenticate(request, username=name, password=password)
    worker = None if user is None else Worker.objects.filter(user=user).first()
    if user is None or worker is None:
        note_failure(request, name=name)
        form.add_error(None, "No worker has this name and password.")
        return False
    if not worker.active:
        form.add_error(None, "This account is closed: ask the people who run this site.")
        return False
    login(request, user)
    return True


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password."""
    if request.method == "GET" and (address := own_address(request)):
        return redirect(address)
    if request.method == "GET" and current_worker(request) is not None:
        return redirect(_onward(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _signed_in(request, form=form):
        return redirect(_onward(request))
    context = {"form": form, "next": _onward(request), "signup_open": conf.signup_open()}
    status = 403 if form.non_field_errors() else 200
    return render(request, "marketplace/sign_in.html", context, status=status)


def _welcome(request: HttpRequest, *, worker: Worker) -> HttpResponse:
    """Sign a new worker in."""
    login(request, worker.user, backend="django.contrib.auth.backends.ModelBackend")
    messages.success(request, "Welcome. Your worker id is " + worker.worker_id + ".")
    return redirect("marketplace:board")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make a worker account, where the operator allows it."""
    if not conf.signup_open():
        raise Http404("sign-up is by invitation")
    if request.method == "GET" and (address := own_address(request)):
        return redirect(address)
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            worker = create_worker(
                form.cleaned_data["username"], password=form.cleaned_data["password"]
            )
        except EnrolmentError as error:
            form.add_error("username", str(error))
        else:
            return _welcome(request, worker=worker)
    return render(request, "marketplace/sign_up.html", {"form": form})


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, code: str) -> HttpResponse:
    """Make a worker account with an invitation, which then is used up."""
    if request.method == "GET" and (address := own_address(request)):
        return redirect(address)
    if invitation_of(code) is None:
        return render(request, "marketplace/no_invitation.html", status=410)
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            worker = join_by(
                code,
                name=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
            )
        except EnrolmentError as error:
            form.add_error("username", str(error))
        else:
            return _welcome(request, worker=worker)
    return render(request, "marketplace/sign_up.html", {"form": form, "invited": True})


@sensitive_post_parameters("present", "password")
@require_http_methods(["GET", "POST"])
@worker_required
def password(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Take a new password; sessions elsewhere end."""
    name = worker.user.get_username()
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not may_try(request, name=name):
            form.add_error(None, "Too many wrong passwords: wait a quarter of an hour.")
        elif not worker.user.check_password(form.cleaned_data["present"]):
            note_failure(request, name=name)
            form.add_error("present", "This is not your present password.")
        else:
            worker.user.set_password(form.cleaned_data["password"])
            worker.user.save(update_fields=["password"])
            update_session_auth_hash(request, worker.user)
            messages.success(request, "You have a new password.")
            return redirect("marketplace:profile")
    return show(request, worker, "password.html", form=form)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("marketplace:sign_in")
