"""Settings fold in one order, refuse what they do not know, and say why in one sentence."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionfs.config import KEYS, TOKEN_KEYS, NameStyle, Prefetch, Settings
from notionfs.errors import UsageError
from notionfs.settings import load_settings

TOKEN = {"NOTION_TOKEN": "ntn_secret"}
ROOT = "39a0bc1e-edcd-8142-936b-cca8ae692cc4"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def load(text: str | None = None, *, environ=TOKEN, home: Path | None = None, **flags) -> Settings:
    if text is not None:
        write(Path(flags.setdefault("config_file", str((home or Path.home()) / "c.toml"))), text)
    return load_settings(flags={"mountpoint": "/mnt/n", **flags}, environ=environ)


def refusal(text: str | None = None, **more) -> str:
    with pytest.raises(UsageError) as caught:
        load(text, **more)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_without_a_file_the_defaults_hold(home):
    """A token is all that is needed."""
    settings = load()

    assert settings.token == "ntn_secret"
    assert settings.state_dir == home / "state" / "notionfs"
    assert settings.poll == 30
    assert settings.config_file is None


def test_each_layer_overrides_the_one_before():
    """Defaults < file < environment < flags."""
    text = 'base_url = "https://file.example"\npoll = 10\nnames = "title"\n'
    environ = {**TOKEN, "NOTION_API_BASE_URL": "https://env.example/"}

    assert load(text).base_url == "https://file.example"
    assert load(text, environ=environ).base_url == "https://env.example"
    both = load(text, environ=environ, base_url="https://flag.example", poll="off")
    assert (both.base_url, both.poll, both.names) == ("https://flag.example", None, NameStyle.TITLE)


def test_a_flag_that_was_not_given_overrides_nothing():
    """None on the command line means: not given."""
    assert load("xattrs = true\n", xattrs=None, poll=None).xattrs is True


def test_the_users_config_directory_is_read_without_being_asked(home):
    """The settings file has one place where it is always found."""
    file = write(home / "config" / "notionfs" / "config.toml", 'prefetch = "off"\n')

    settings = load()

    assert settings.prefetch is Prefetch.OFF
    assert settings.config_file == file


def test_every_setting_can_stand_in_the_file():
    """The table of keys and the fields of Settings say the same."""
    elsewhere = {"mountpoint", "token", "connection", "config_file", "given"}
    elsewhere |= {"teamspaces", "space", "spaces"}
    assert set(KEYS) == set(Settings.__struct_fields__) - elsewhere


def test_an_unknown_key_is_refused_with_the_nearest_known_one():
    """A typing mistake is named, not ignored."""
    assert 'did you mean "prefetch"?' in refusal('prefech = "all"\n')


def test_a_token_in_the_file_is_refused_with_the_better_way():
    """A settings file is no place for a secret, and the refusal does not repeat it."""
    message = refusal('token = "ntn_12345"\n')
    assert "token_file" in message
    assert "ntn_12345" not in message


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("poll = -1", "above 0"),
        ("poll = true", "above 0"),
        ("poll = inf", "above 0"),
        ('poll = "soon"', '"off"'),
        ("rate_limit = 0", "1 or more"),
        ("rate_limit = 2.5", "1 or more"),
        ('prefetch = "some"', '"all", "listed", "off"'),
        ('names = "Slug"', '"slug", "title"'),
        ('xattrs = "yes"', "true or false"),
        ("state_dir = 3", "a path"),
        ('base_url = "http://api.notion.com"', "https"),
        ('base_url = "https://user:pw@host"', "https"),
        ('base_url = "ftp://host"', "https"),
        ('side_files = "*.bak"', "a list"),
        ("open_timeout = 0", "above 0"),
        ('log_level = "loud"', '"debug"'),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_one_sentence(line, expected, home):
    """The sentence names the file, the key and what was expected."""
    message = refusal(line + "\n")
    assert str(home / "c.toml") in message
    assert line.split(" ")[0] in message
    assert expected in message


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:80"])
def test_plain_http_is_for_this_machine_only(url):
    """A token never leaves this machine unencrypted."""
    assert load(base_url=url).base_url == url


def test_a_base_url_may_be_written_with_its_version():
    """People copy `https://host/v1`; the client adds `/v1` itself."""
    assert load(base_url="https://host/v1/").base_url == "https://host"


def test_broken_toml_is_named_with_its_line():
    """The parser's place is passed on."""
    assert "line 1" in refusal("poll = = 3\n")


def test_a_missing_file_is_refused_when_it_was_asked_for(home):
    """--config with a wrong path is a mistake, not an empty file."""
    assert "does not exist" in refusal(config_file=str(home / "none.toml"))


def test_relative_paths_in_the_file_are_beside_the_file(home):
    """The daemon's working directory never matters."""
    assert load('log_file = "log"\n', home=home).log_file == home / "log"


def test_without_a_token_the_sentence_names_both_ways_out():
    """One clear sentence: how to get a token, and that the demo needs none."""
    message = refusal(environ={})
    assert "NOTION_TOKEN" in message
    assert "--demo" in message


def test_the_demo_needs_no_token_and_takes_none():
    """A demo mount must not carry a real token around."""
    assert load(demo=True, environ=TOKEN).token is None
    assert load(demo=True, environ={}).demo is True


def test_the_demo_and_a_server_exclude_each_other():
    """Two contradicting wishes are refused."""
    assert "--base-url" in refusal(demo=True, base_url="https://host")


def test_the_token_never_shows_in_the_settings():
    """`repr` is what logs and tracebacks print."""
    assert "ntn_secret" not in repr(load())


@pytest.mark.parametrize("token", ["two words", "new\nline", "umlaut-ü", "bell\x07"])
def test_what_cannot_be_a_token_is_refused_without_repeating_it(token):
    """A broken copy of a token would only give a puzzling answer from Notion."""
    message = refusal(environ={"NOTION_TOKEN": token})
    assert "NOTION_TOKEN" in message
    assert token not in message


def test_a_token_file_is_read_when_it_is_private(home):
    """A trailing newline does not matter."""
    write(home / "secret", "ntn_file\n").chmod(0o600)
    assert load('token_file = "secret"\n', environ={}, home=home).token == "ntn_file"


def test_a_token_file_that_others_can_read_is_refused(home):
    """The sentence says how to close it."""
    write(home / "secret", "ntn_file").chmod(0o640)
    message = refusal('token_file = "secret"\n', environ={}, home=home)
    assert "0640" in message
    assert "chmod 600" in message


def test_the_environment_overrides_the_token_file(home):
    """The order of the layers holds for the token too."""
    write(home / "secret", "ntn_file").chmod(0o600)
    assert load('token_file = "secret"\n', home=home).token == "ntn_secret"


def test_token_env_names_the_variable():
    """Several workspaces can live in one environment."""
    environ = {**TOKEN, "ACME_TOKEN": "ntn_acme"}
    assert load('token_env = "ACME_TOKEN"\n', environ=environ).token == "ntn_acme"
    assert "ACME_TOKEN" in refusal('token_env = "ACME_TOKEN"\n')


def test_a_service_credential_comes_first(home):
    """systemd hands the token to the service alone; whatever else lies about is older."""
    write(home / "credentials" / "notion-token", "ntn_credential\n")
    environ = {**TOKEN, "CREDENTIALS_DIRECTORY": str(home / "credentials")}
    assert load(environ=environ).token == "ntn_credential"


def test_teamspaces_take_ids_and_urls():
    """A root may be pasted from the browser."""
    text = f"""
[teamspaces.engineering]
roots = ["{ROOT}"]
[teamspaces."people & culture"]
roots = ["https://www.notion.so/acme/Handbook-7c1f0000aaaabbbbccccddddeeeeffff?pvs=4"]
"""
    teams = load(text).teamspaces
    assert teams["engineering"].roots == (ROOT,)
    assert teams["people & culture"].roots == ("7c1f0000-aaaa-bbbb-cccc-ddddeeeeffff",)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('[teamspaces.a]\nroots = ["nonsense"]', "ids or URLs"),
        ('[teamspaces.a]\nroot = ["x"]', 'did you mean "roots"?'),
        ('[teamspaces.a]\ntoken_env = "X"', "named by token_env in"),
        ('[teamspaces.a]\ntoken_env = "X"\nroots = []', "roots and token_env exclude each other"),
        ('[teamspaces.a]\ntoken_env = "X"\ntoken_file = "y"', "exclude each other"),
        ('[teamspaces.a]\ntoken_env = "NOTION_TOKEN"', "has the same token"),
        ('[teamspaces."a/b"]\nroots = []', "directory"),
        ('[teamspaces."..x"]\nroots = []', "directory"),
        ('teamspaces = ["a"]', "tables"),
        ("[teamspaces]\na = 3", "tables"),
        (f'[teamspaces.a]\nroots = ["{ROOT}"]\n[teamspaces.b]\nroots = ["{ROOT}"]', "both"),
    ],
)
def test_a_teamspace_that_makes_no_sense_is_refused(text, part):
    """Nothing in the section is guessed or ignored."""
    assert part in refusal(text + "\n")


@given(st.text(string.ascii_lowercase + "_", min_size=1, max_size=12))
def test_any_other_word_is_refused_with_a_known_one(tmp_path_factory, word):
    """The nearest known key is always offered."""
    if word in {*KEYS, *TOKEN_KEYS, "teamspaces", "token"}:
        return
    file = tmp_path_factory.getbasetemp() / "any.toml"
    message = refusal(f"{word} = 1\n", config_file=str(file))
    known = {*KEYS, *TOKEN_KEYS, "teamspaces"}
    assert any(f'did you mean "{key}"?' in message for key in known)


def test_a_teamspace_has_a_connection_of_its_own_or_roots():
    """Its settings are those of the mount but for the token; roots belong to the mount's own."""
    file = f'[teamspaces.a]\ntoken_env = "OTHER"\n\n[teamspaces.b]\nroots = ["{ROOT}"]\n'
    environ = {"NOTION_TOKEN": "ntn_own", "OTHER": "ntn_other"}
    settings = load(file, environ=environ, poll="60")
    (space,) = settings.spaces
    assert (space.space, space.token, space.poll) == ("a", "ntn_other", 60.0)
    assert [*settings.teamspaces] == ["b"]
    assert not space.teamspaces
    assert "ntn_other" not in repr(settings)
