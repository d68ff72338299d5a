"""A small workspace that page files can refer to."""

from __future__ import annotations

from notionfs.model import PageId, UserId, normalize_id

PLAN = PageId("39a0bc1e-edcd-8142-936b-cca8ae692cc4")
WIKI = PageId("11111111-2222-4333-8444-555555555555")
ODD = PageId("99999999-2222-4333-8444-555555555555")
HIDDEN = PageId("aaaaaaaa-2222-4333-8444-555555555555")
TASKS = PageId("dddddddd-2222-4333-8444-555555555555")
ADA = UserId("6d350000-0000-4000-8000-000000000001")
BOB = UserId("6d350000-0000-4000-8000-000000000002")


class FakeReferences:
    """Answers from three tables."""

    def __init__(self) -> None:
        self.paths: dict[str, str] = {
            PLAN: "plan.md",
            WIKI: "../wiki.md",
            ODD: "what? (50% _new_) [x].md",
            TASKS: "tasks/",
        }
        self.titles: dict[str, str] = {PLAN: "Plan", WIKI: "Wiki", ODD: "What?", HIDDEN: "Hidden"}
        self.assets: dict[str, str] = {}
        self.users: dict[str, tuple[str, str]] = {
            ADA: ("Ada Lovelace", "ada@example.com"),
            BOB: ("Bob", "bob@example.com"),
        }

    def page_path(self, page_id: PageId) -> str | None:
        return self.paths.get(page_id)

    def page_title(self, page_id: PageId) -> str | None:
        return self.titles.get(page_id)

    def find_pages(self, reference: str) -> list[PageId]:
        wanted = normalize_id(reference)
        return [
            PageId(page_id)
            for page_id in {**self.paths, **self.titles}
            if reference in (self.paths.get(page_id), self.titles.get(page_id)) or page_id == wanted
        ]

    def asset_path(self, url: str) -> str | None:
        return next((path for path, known in self.assets.items() if known == url), None)

    def find_asset(self, reference: str) -> str | None:
        return self.assets.get(reference)

    def user_label(self, user_id: UserId) -> str | None:
        found = self.users.get(user_id)
        return found[0] if found else None

    def find_users(self, reference: str) -> list[UserId]:
        return [
            UserId(user_id)
            for user_id, names in self.users.items()
            if reference in names or reference == user_id
        ]
