"""What keeps strangers and other sites out of the console."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from services.console.web.security.signer import LINK_SECONDS, Signer
from services.console.web.security.visitors import FAILURES
from services.console.web.settings import ConsoleSettings
from shared.errors import SettingsError
from shared.settings import load_settings
from shared.store import Store
from tests.integration.console.web.conftest import BASE_URL, TOKEN, Visit
from tests.integration.web.newsroom import make_seed, publish

OURS = {"Origin": BASE_URL}


async def read_form_fields(visit: Visit, path: str) -> dict[str, str]:
    """What the first form of a page carries for its safety."""
    page = (await visit.client.get(path)).text
    csrf = re.search(r'name="csrf" value="([^"]*)"', page)
    key = re.search(r'name="key" value="([^"]*)"', page)
    assert csrf is not None
    assert key is not None
    return {"csrf": csrf[1], "key": key[1]}


def make_ticket(name: str) -> str:
    """The ticket of a sign-in link."""
    return Signer(TOKEN).sign("link", name, LINK_SECONDS)


@pytest.fixture
async def story(store: Store) -> str:
    """The path of a story of one article."""
    await publish(store, {"a-harbour": make_seed("harbour")})
    return "/stories/s-a-harbour"


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/stories", "/nothing", "/static/console.css"])
    async def test_no_page_allows_inline_scripts_or_frames(self, visit: Visit, path: str):
        response = await visit.client.get(path)
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "same-origin"

    async def test_pictures_come_from_web_alone(self, visit: Visit):
        policy = (await visit.client.get("/")).headers["content-security-policy"]
        assert "img-src 'self' https://news.example;" in policy

    async def test_pages_are_kept_by_no_cache_and_scripts_by_every_one(self, visit: Visit):
        page = await visit.client.get("/")
        assert page.headers["cache-control"] == "no-store"
        script = re.search(r'src="(/static/console.js[^"]*)"', page.text)
        assert script is not None
        answer = await visit.client.get(script[1])
        assert "immutable" in answer.headers["cache-control"]

    async def test_a_page_has_no_inline_script_style_or_handler(self, visit: Visit, story: str):
        visit.sign_in("ann")
        for path in ("/", "/stories", story, "/sign-in"):
            page = (await visit.client.get(path)).text
            assert re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page) is None


class TestHost:
    @pytest.mark.parametrize(
        "host", ["evil.example", "evil.example:8791", "127.0.0.1.evil.example", "", "localhost.x"]
    )
    async def test_another_name_is_refused(self, visit: Visit, host: str):
        response = await visit.client.get("/", headers={"Host": host})
        assert response.status_code == 421

    @pytest.mark.parametrize(
        "host", ["127.0.0.1:8791", "localhost", "LocalHost:1", "[::1]:8791", "10.1.2.3"]
    )
    async def test_this_machine_and_addresses_are_answered(self, visit: Visit, host: str):
        assert (await visit.client.get("/", headers={"Host": host})).status_code == 200

    async def test_names_are_added_by_a_setting(self, open_visit: Any):
        visit = await open_visit(console_hosts=("desk.example",))
        for host in ("desk.example", "desk.example:443"):
            assert (await visit.client.get("/", headers={"Host": host})).status_code == 200


class TestOrigin:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:8792"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    async def test_a_form_of_another_site_is_refused(self, visit: Visit, headers: dict[str, str]):
        response = await visit.client.post("/sign-in", data={"name": "x"}, headers=headers)
        assert response.status_code == 403
        assert "set-cookie" not in response.headers

    async def test_our_own_forms_are_taken(self, visit: Visit):
        form = {"name": "ann", "token": TOKEN}
        assert (await visit.client.post("/sign-in", data=form, headers=OURS)).status_code == 303


class TestSigningIn:
    async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(self, visit: Visit):
        response = await visit.client.post("/sign-in", data={"name": "ann", "token": TOKEN})
        cookie = response.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert TOKEN not in cookie
        assert ">ann<" in (await visit.client.get("/")).text

    @pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN.upper()])
    async def test_another_token_signs_nobody_in(self, visit: Visit, token: str):
        response = await visit.client.post("/sign-in", data={"name": "ann", "token": token})
        assert response.status_code == 403
        assert "set-cookie" not in response.headers

    async def test_a_name_is_needed(self, visit: Visit):
        response = await visit.client.post("/sign-in", data={"name": " ", "token": TOKEN})
        assert response.status_code == 422

    async def test_after_ten_wrong_tokens_no_token_is_checked_for_a_while(self, visit: Visit):
        for _ in range(FAILURES):
            await visit.client.post("/sign-in", data={"name": "ann", "token": "wrong"})
        response = await visit.client.post("/sign-in", data={"name": "ann", "token": TOKEN})
        assert response.status_code == 403

    async def test_a_link_signs_in_once(self, visit: Visit):
        ticket = make_ticket("ann")
        page = (await visit.client.get("/sign-in", params={"ticket": ticket})).text
        assert 'value="ann"' in page
        form = {"name": "ann", "ticket": ticket}
        assert (await visit.client.post("/sign-in", data=form)).status_code == 303
        assert (await visit.client.post("/sign-in", data=form)).status_code == 403

    async def test_to_look_at_a_link_does_not_use_it(self, visit: Visit):
        ticket = make_ticket("ann")
        for _ in range(2):
            page = (await visit.client.get("/sign-in", params={"ticket": ticket})).text
            assert 'name="token"' not in page

    async def test_a_session_is_no_link(self, visit: Visit):
        session = visit.console.visitors.open_session("ann")
        response = await visit.client.post("/sign-in", data={"name": "eve", "ticket": session})
        assert response.status_code == 403

    async def test_signing_out_forgets_the_session(self, visit: Visit):
        await visit.client.post("/sign-in", data={"name": "ann", "token": TOKEN})
        await visit.client.post("/sign-out")
        assert ">ann<" not in (await visit.client.get("/")).text

    async def test_a_forged_cookie_is_nobody(self, visit: Visit):
        genuine = visit.console.visitors.open_session("ann")
        payload, _, digest = genuine.rpartition(".")
        for forged in (f"{payload}x.{digest}", f"{payload}.{'0' * 64}", "", ".", "ä"):
            visit.client.cookies.clear()
            header = {"Cookie": f"{visit.console.visitors.cookie}={forged}".encode()}
            assert ">ann<" not in (await visit.client.get("/", headers=header)).text


class TestForms:
    async def test_nobody_writes_without_signing_in(self, visit: Visit, story: str):
        response = await visit.client.post(f"{story}/act", data={"kind": "split"}, headers=OURS)
        assert response.status_code == 403

    @pytest.mark.parametrize("given", ["", "0" * 64, "ä"])
    async def test_a_form_without_its_csrf_token_is_refused(
        self, visit: Visit, story: str, given: str
    ):
        visit.sign_in("ann")
        fields = await read_form_fields(visit, story)
        response = await visit.client.post(f"{story}/preview", data={**fields, "csrf": given})
        assert response.status_code == 403

    async def test_a_token_that_has_no_form_in_utf_8_is_refused(self, visit: Visit, story: str):
        """A client may name any of Python's encodings for the parts of a form."""
        visit.sign_in("ann")
        kind = "multipart/form-data; boundary=b; charset=unicode_escape"
        body = b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\\ud800\r\n--b--\r\n'
        headers = {**OURS, "content-type": kind}
        response = await visit.client.post(f"{story}/preview", content=body, headers=headers)
        assert response.status_code == 403

    async def test_a_form_of_another_session_is_refused(self, visit: Visit, story: str):
        visit.sign_in("eve")
        fields = await read_form_fields(visit, story)
        visit.client.cookies.clear()
        visit.sign_in("ann")
        assert (await visit.client.post(f"{story}/preview", data=fields)).status_code == 403

    async def test_a_form_without_a_key_is_refused(self, visit: Visit, story: str):
        visit.sign_in("ann")
        fields = await read_form_fields(visit, story)
        response = await visit.client.post(f"{story}/act", data={**fields, "key": "short"})
        assert response.status_code == 422

    async def test_a_form_that_is_too_large_is_refused(self, visit: Visit, story: str):
        visit.sign_in("ann")
        fields = await read_form_fields(visit, story)
        large = {**fields, "other": "x" * (9 * 1024 * 1024)}
        assert (await visit.client.post(f"{story}/act", data=large)).status_code == 413

    async def test_the_csrf_token_differs_between_sessions_and_is_not_the_cookie(
        self, visit: Visit, story: str
    ):
        visit.sign_in("ann")
        first = await read_form_fields(visit, story)
        cookie = visit.client.cookies[visit.console.visitors.cookie]
        visit.client.cookies.clear()
        visit.sign_in("ann")
        second = await read_form_fields(visit, story)
        assert first["csrf"] != second["csrf"]
        assert first["csrf"] not in cookie

    async def test_two_forms_have_two_keys(self, visit: Visit, story: str):
        visit.sign_in("ann")
        first, second = [await read_form_fields(visit, story) for _ in range(2)]
        assert first["key"] != second["key"]


class TestReadOnly:
    async def test_nothing_can_be_changed(self, open_visit: Any, story: str):
        visit = await open_visit(console_read_only=True)
        visit.sign_in("ann")
        page = (await visit.client.get(story)).text
        assert "read-only" in page
        assert f"{story}/preview" not in page
        for path in ("preview", "act", "undo"):
            response = await visit.client.post(f"{story}/{path}", data={"kind": "split"})
            assert response.status_code == 403
            assert "read-only" in response.text


class TestProxy:
    HEADER = "X-Forwarded-User"

    async def test_a_trusted_proxy_says_who_somebody_is(self, open_visit: Any):
        visit = await open_visit(
            address="10.0.0.7",
            token="",
            console_identity_header=self.HEADER,
            console_trusted_proxies=("10.0.0.0/24",),
        )
        response = await visit.client.get("/", headers={self.HEADER: "ann"})
        assert ">ann<" in response.text

    async def test_nobody_else_does(self, open_visit: Any):
        visit = await open_visit(
            address="10.0.1.7",
            token="",
            console_identity_header=self.HEADER,
            console_trusted_proxies=("10.0.0.0/24",),
        )
        headers = {self.HEADER: "ann", "X-Forwarded-For": "10.0.0.7"}
        assert ">ann<" not in (await visit.client.get("/", headers=headers)).text

    @pytest.mark.parametrize("address", ["10.0.0.7", "::ffff:10.0.0.7"])
    async def test_behind_a_trusted_proxy_with_tls_the_cookie_stays_on_tls(
        self, open_visit: Any, address: str
    ):
        visit = await open_visit(address=address, console_trusted_proxies=("10.0.0.0/24",))
        form = {"name": "ann", "token": TOKEN}
        headers = {"X-Forwarded-Proto": "https"}
        response = await visit.client.post("/sign-in", data=form, headers=headers)
        assert "secure" in response.headers["set-cookie"].lower()

    async def test_what_others_say_of_tls_does_not_count(self, visit: Visit):
        form = {"name": "ann", "token": TOKEN}
        headers = {"X-Forwarded-Proto": "https"}
        response = await visit.client.post("/sign-in", data=form, headers=headers)
        assert "secure" not in response.headers["set-cookie"].lower()

    async def test_a_header_that_comes_twice_is_nobody(self, open_visit: Any):
        visit = await open_visit(
            token="",
            console_identity_header=self.HEADER,
            console_trusted_proxies=("127.0.0.1",),
        )
        headers = httpx.Headers([(self.HEADER, "ann"), (self.HEADER, "eve")])
        page = (await visit.client.get("/", headers=headers)).text
        assert ">ann<" not in page
        assert ">eve<" not in page


class TestBeyondLoopback:
    async def test_nobody_reads_without_signing_in(self, open_visit: Any, story: str):
        visit = await open_visit(console_host="0.0.0.0", console_token=TOKEN)
        for path in ("/", "/stories", story, "/live"):
            response = await visit.client.get(path)
            assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
        assert (await visit.client.get("/sign-in")).status_code == 200
        visit.sign_in("ann")
        assert (await visit.client.get("/")).status_code == 200

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "desk.example"])
    def test_it_does_not_start_without_a_token_or_a_proxy(
        self, host: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("SEEDWIRE_CONSOLE_HOST", host)
        with pytest.raises(SettingsError, match="reached from other machines"):
            load_settings(ConsoleSettings)


class TestHostileText:
    async def test_titles_are_escaped_and_their_hidden_characters_shown(
        self, visit: Visit, store: Store
    ):
        title = "<script>alert(1)</script> \u202egnp.exe \u0007{{ 7 * 7 }}"
        await publish(store, {"a-bad": make_seed("bad", title=title)})
        for path in ("/stories", "/stories/s-a-bad"):
            page = (await visit.client.get(path)).text
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)" in page
            assert "\\u202egnp.exe" in page
            assert "\u202e" not in page
            assert "{{ 7 * 7 }}" in page

    async def test_secured_is_on_no_page(self, visit: Visit, store: Store):
        await publish(store, {"a-harbour": make_seed("harbour")})
        visit.sign_in("ann")
        for path in ("/", "/stories", "/stories/s-a-harbour"):
            assert "CANARY" not in (await visit.client.get(path)).text


async def test_two_requests_with_one_key_are_one_act(visit: Visit, store: Store):
    seeds = {"a-one": make_seed("one"), "a-two": make_seed("two")}
    await publish(store, seeds)
    visit.sign_in("ann")
    fields = await read_form_fields(visit, "/stories/s-a-one")
    form = {**fields, "kind": "merge", "other": "a-two", "seen": "0", "reason": "one event"}
    answers = await asyncio.gather(
        *(visit.client.post("/stories/s-a-one/act", data=form, headers=OURS) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await store.history.list_acts()) == 1
    changed = {**form, "reason": "another reason"}
    again = await visit.client.post("/stories/s-a-one/act", data=changed, headers=OURS)
    assert again.status_code == 409
