"""A person before the console: reads its pages, and sends the forms that they hold."""

import re
from html import unescape
from html.parser import HTMLParser

import httpx

Form = dict[str, list[str]]


class Desk:
    """*client* is signed in. Whatever it was answered is in *seen*."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.seen: list[httpx.Response] = []

    async def read(self, path: str, status: int = 200) -> str:
        """The page at this path."""
        response = await self.client.get(path)
        self.seen.append(response)
        assert response.status_code == status, response.text
        return response.text

    async def send(
        self, page: str, action: str, status: int = 200, **fields: str | list[str]
    ) -> str:
        """Send the form of the page that goes to this action, with these fields changed.

        Returns the page that the answer leads to.
        """
        form = {**read_form(page, action), **fields}
        return await self.post(action, form, status)

    async def post(self, action: str, form: dict[str, str | list[str]], status: int = 200) -> str:
        origin = str(self.client.base_url).rstrip("/")
        response = await self.client.post(
            action, data=form, headers={"Origin": origin}, follow_redirects=True
        )
        self.seen += [*response.history, response]
        assert response.status_code == status, response.text
        return response.text


def read_form(page: str, action: str) -> dict[str, str | list[str]]:
    """The fields of the form with this action, or with a button for it, as the page fills them."""
    for parsed in FormReader.read(page):
        if action.partition("#")[0] in parsed.actions:
            return {
                name: values[0] if len(values) == 1 else values
                for name, values in parsed.fields.items()
            }
    raise AssertionError(f"the page has no form for {action}")


def read_text(page: str) -> str:
    """What a reader sees, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


class ReadForm:
    def __init__(self, action: str) -> None:
        self.actions = {action}
        self.fields: Form = {}


class FormReader(HTMLParser):
    """Reads the forms of a page as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[ReadForm] = []
        self._area = ""

    @classmethod
    def read(cls, page: str) -> list[ReadForm]:
        reader = cls()
        reader.feed(page)
        return reader.forms

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(ReadForm(given.get("action", "")))
        elif self.forms and "formaction" in given:
            self.forms[-1].actions.add(given["formaction"].partition("#")[0])
        elif tag == "textarea" and self.forms:
            self._area = given["name"]
            self.forms[-1].fields[self._area] = [""]
        elif tag == "input" and self.forms and "name" in given:
            is_choice = given.get("type") in ("checkbox", "radio")
            if given.get("type") != "file" and (not is_choice or "checked" in given):
                self.forms[-1].fields.setdefault(given["name"], []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            text = self.forms[-1].fields[self._area][0]
            self.forms[-1].fields[self._area] = [text.removeprefix("\n")]
            self._area = ""
