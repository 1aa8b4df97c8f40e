"""Rules of WordPress that matter most, read from the plugin's sources.

WordPress's own coding standard is a set of rules for PHP_CodeSniffer that comes by
Composer, which nothing here needs. So its form is asked of PHP_CodeSniffer's own rules
(`phpcs.xml`, where `phpcs` is installed), and its rules of safety are asked here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from in_shop.wordpress import pack, translations
from tests.plugin import php_source
from tests.plugin.php_source import Token

SOURCES = [path for path in pack.plugin_files() if path.suffix == ".php"]
SCRIPTS = [path for path in pack.plugin_files() if path.suffix == ".js"]
FROM_OUTSIDE = {"$_GET", "$_POST", "$_REQUEST", "$_COOKIE", "$_SERVER", "$_FILES", "$_ENV"}
# A call that leaves nothing in its answer that a page could be broken with.
SAFE_TO_SHOW = re.compile(
    r"(esc_\w+|wp_kses\w*|checked|selected|disabled|absint|intval|number_format_i18n|"
    r"wp_nonce_field|wp_create_nonce|get_the_id)\Z"
)
CLEANING = re.compile(
    r"(sanitize_\w+|absint|intval|esc_url_raw|wp_verify_nonce|rest_is_ip_address)\Z"
)
# They leave no slash in their answer.
NEEDS_NO_UNSLASHING = {"sanitize_key", "absint", "intval"}
# What the directory refuses, what hides things, and what WordPress has its own word for.
NEVER = re.compile(
    r"(eval|assert|create_function|exec|shell_exec|system|passthru|popen|proc_open|pcntl_\w+|"
    r"curl_\w+|fsockopen|stream_socket_client|base64_decode|unserialize|maybe_unserialize|extract|"
    r"var_dump|var_export|print_r|error_log|ini_set|set_time_limit|error_reporting|mt_rand|rand|"
    r"wp_redirect|json_encode|parse_url|strip_tags|date|session_start|query_posts|"
    r"wp_set_auth_cookie|wp_set_current_user|wp_signon)\Z"
)
NEWER_THAN_74 = re.compile(r"(match|enum|readonly)\Z")


def named(path: Path) -> str:
    return path.relative_to(pack.PLUGIN).as_posix()


def read(path: Path) -> list[Token]:
    return php_source.tokens(path.read_text("utf-8"))


def test_there_is_something_to_read() -> None:
    assert len(SOURCES) >= 10


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_file_runs_when_it_is_opened_directly(path: Path) -> None:
    wanted = "WP_UNINSTALL_PLUGIN" if path.name == "uninstall.php" else "ABSPATH"
    found = "".join(token.text for token in read(path)[1:30])
    assert re.match(
        rf"(?:defined\('{wanted}'\)\|\|exit;|if\(!defined\('{wanted}'\)\)\{{exit;\}}|"
        rf"defined\('{wanted}'\)\|\|die;)",
        found.replace(" ", ""),
    ), "the guard is the first thing that a file says"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_whatever_is_shown_is_escaped_where_it_is_shown(path: Path) -> None:
    assert unescaped(path.read_text("utf-8")) == []


def unescaped(source: str) -> list[str]:
    """Parts of an `echo`, or arguments of a `printf`, that are not escaped there and then."""
    found, lines = php_source.tokens(source), source.splitlines()
    said = [*php_source.statements(found, "echo"), *php_source.statements(found, "print")]
    said += php_source.statements(found, "<?=")
    said += [[*rest] for rest in php_source.statements(found, "printf")]
    told = []
    for expression in said:
        for part in php_source.parts(expression, ".", ","):
            excused = is_excused(lines, part[0].line, "EscapeOutput") or is_json(lines, part[0])
            if not is_safe(part) and not excused:
                told.append(f"line {part[0].line}: {' '.join(token.text for token in part)[:80]}")
    return told


def is_json(lines: list[str], first: Token) -> bool:
    """Whether this is an answer in JSON that says so: a browser makes no page of it."""
    header = "\n".join(lines[max(0, first.line - 4) : first.line])
    return first.text == "wp_json_encode" and "Content-Type: application/json" in header


def is_safe(part: list[Token]) -> bool:
    first = part[0]
    if first.kind == "cast":
        return first.text.strip("() ") in {"int", "float", "bool"}
    if first.kind == "text":
        return len(part) == 1 and not (first.text[0] == '"' and "$" in first.text)
    if first.kind == "number" or first.text in {"PHP_EOL"}:
        return len(part) == 1
    if len(php_source.parts(part, "?", ":")) > 1:
        return all(is_safe(choice) for choice in php_source.parts(part, "?", ":")[1:])
    if first.text == "(":
        return all(is_safe(inner) for inner in php_source.parts(part[1:-1], ".", ","))
    return first.kind == "name" and bool(SAFE_TO_SHOW.match(first.text))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_what_comes_from_outside_is_unslashed_and_cleaned_where_it_is_read(path: Path) -> None:
    assert uncleaned(path.read_text("utf-8")) == []


def uncleaned(source: str) -> list[str]:
    """Reads of `$_GET` and its like that are neither questions nor cleaned at once."""
    found, lines = php_source.tokens(source), source.splitlines()
    told = []
    for place, around in php_source.calls_around(found):
        if found[place].text not in FROM_OUTSIDE:
            continue
        asked = {"isset", "empty", "is_string", "is_array"} & set(around)
        number = found[place - 1].kind == "cast" and found[place - 1].text.strip("() ") == "int"
        unslashed = {"wp_unslash", *NEEDS_NO_UNSLASHING} & set(around)
        cleaned = any(CLEANING.match(call) for call in around)
        mapped = "array_map" in around and found_cleaner(found, place)
        kept = is_excused(lines, found[place].line, "ValidatedSanitizedInput")
        if not (asked or number or kept or (unslashed and (cleaned or mapped))):
            told.append(f"line {found[place].line}: {found[place].text}")
    return told


def is_excused(lines: list[str], line: int, rule: str) -> bool:
    """Whether the line, or the one before it, names the rule and gives a reason after `--`."""
    return any(
        re.search(rf"phpcs:ignore .*{rule}.* -- \w", each) for each in lines[line - 2 : line]
    )


def found_cleaner(found: list[Token], place: int) -> bool:
    """Whether the few tokens before name a cleaning function: `array_map( 'sanitize_key', …`."""
    before = found[max(0, place - 8) : place]
    return any(each.kind == "text" and CLEANING.match(each.text.strip("'\"")) for each in before)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_nothing_is_called_that_the_directory_refuses(path: Path) -> None:
    assert refused(path.read_text("utf-8")) == []


def refused(source: str) -> list[str]:
    """Calls of what NEVER names; files and addresses that are read past WordPress."""
    found, lines = php_source.tokens(source), source.splitlines()
    told = []
    for place, token in enumerate(found[:-1]):
        own = found[place - 1].text in {"->", "::", "function", "new"}
        if token.kind != "name" or found[place + 1].text != "(" or own:
            continue
        word = token.text.lower().lstrip("\\")
        reads = word in {"file_get_contents", "fopen", "file", "readfile", "file_put_contents"}
        if word == "wp_redirect" and is_excused(lines, token.line, "SafeRedirect"):
            continue
        if NEVER.match(word) or (reads and found[place + 2].text != "'php://input'"):
            told.append(f"line {token.line}: {word}")
        if NEWER_THAN_74.match(word):
            told.append(f"line {token.line}: {word} needs a newer PHP")
    told += [f"line {each.line}: {each.text}" for each in found if each.text in {"?->", "@", "`"}]
    return told


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_only_one_class_speaks_to_the_service(path: Path) -> None:
    calls = [each.text for each in read(path) if each.text.startswith("wp_remote_")]
    calls += [each.text for each in read(path) if each.text in {"wp_safe_remote_post", "WP_Http"}]
    assert not calls or named(path) == "includes/class-relance-link.php"
    assert "sslverify" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_text_to_translate_can_be_found(path: Path) -> None:
    list(translations.in_source(path.read_text("utf-8"), named(path)))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_what_is_asked_of_the_database_is_prepared(path: Path) -> None:
    assert unprepared(path.read_text("utf-8")) == []


def unprepared(source: str) -> list[str]:
    """Questions to `$wpdb` with a value written into them; names of tables may be."""
    found = php_source.tokens(source)
    told = []
    for place, token in enumerate(found[:-3]):
        asks = token.text == "$wpdb" and found[place + 1].text == "->"
        if not asks or not re.match(
            r"(query|get_(var|row|col|results)|prepare)\Z", found[place + 2].text
        ):
            continue
        first = php_source.parts(php_source.until_end(found[place + 4 :]), ",", ")")[0]
        values = [each for each in first if each.text not in {"$wpdb", "prepare", "("}]
        if first[0].text == "$wpdb" and len(first) > 2 and first[2].text == "prepare":
            continue  # It is looked at by itself.
        for each in values:
            inside = re.findall(r"\$\w+(?:->\w+)*", each.text) if each.text[0] == '"' else []
            bare = [each.text] if each.kind == "variable" else []
            told += [
                f"line {each.line}: {name}"
                for name in inside + bare
                if not re.match(
                    r"\$(wpdb->\w+|\w*(table|actions|logs|groups|marks|into|places|change)\w*)\Z",
                    name,
                )
            ]
    return told


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_action_of_a_form_asks_who_it_is_and_for_its_nonce(path: Path) -> None:
    source = path.read_text("utf-8")
    if "admin_post_" in source:
        forms = re.findall(r"public static function (\w+)\(\) \{(.*?)\n\t\}", source, re.S)
        posts = [
            body for name, body in forms if "$_POST" in body or name in {"test", "unpair", "enter"}
        ]
        assert posts
        assert all("check_admin_referer(" in body for body in posts)
        assert all("only_for_merchants()" in body or "current_user_can(" in body for body in posts)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_rest_route_says_who_may_ask(path: Path) -> None:
    source = path.read_text("utf-8")
    routes = source.count("register_rest_route(")
    assert source.count("'permission_callback'") >= routes


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_it_is_written_as_wordpress_writes(path: Path) -> None:
    source = path.read_text("utf-8")
    lines = source.splitlines()
    assert source.startswith("<?php\n/**\n")
    assert source.endswith("\n")
    assert "\r" not in source
    assert not source.rstrip().endswith("?>")
    assert "<?=" not in source
    assert re.search(r"<\?(?!php\b|xml)", source) is None
    assert [n for n, line in enumerate(lines, 1) if re.match(r"\t* {2,}(?!\*)\S", line)] == []
    assert [n for n, line in enumerate(lines, 1) if line != line.rstrip()] == []
    assert " * @package Relance" in source


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parent.name == "includes"], ids=named)
def test_a_file_holds_the_one_class_that_its_name_says(path: Path) -> None:
    classes = re.findall(r"^(?:final |abstract )?class (\w+)", path.read_text("utf-8"), re.M)
    assert [f"class-{name.lower().replace('_', '-')}.php" for name in classes] == [path.name]
    code = [line for line in path.read_text("utf-8").splitlines() if not is_remark(line)]
    assert len(code) <= 300


def is_remark(line: str) -> bool:
    return line.strip()[:2] in {"", "//", "/*", "*", "* ", "*/"}


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_a_script_writes_no_markup_from_words_and_calls_nobody_else(path: Path) -> None:
    source = path.read_text("utf-8")
    assert (
        re.search(r"\beval\(|new Function\(|document\.write\(|\.innerHTML\s*\+?=", source) is None
    )
    assert re.findall(r"https?://(?!www\.w3\.org/)[\w.]+", source) == []


if shutil.which("phpcs"):  # Debian's php-codesniffer; the tests above need nothing installed.

    def test_php_codesniffer_finds_nothing() -> None:
        rules = Path(__file__).with_name("phpcs.xml")
        command = ["phpcs", "-q", "-s", "--report=emacs", f"--standard={rules}", str(pack.PLUGIN)]
        told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert told.stdout == ""
        assert told.returncode == 0


@pytest.mark.parametrize(
    ("question", "bad", "good"),
    [
        (unescaped, "echo $a;", "echo esc_html( $a );"),
        (unescaped, "echo '<p>' . $a . '</p>';", "echo '<p>' . esc_html( $a ) . '</p>';"),
        (unescaped, 'echo "<p>$a</p>";', 'echo "<p>";'),
        (unescaped, "echo __( 'a', 'relance' );", "echo esc_html__( 'a', 'relance' );"),
        (unescaped, "printf( '%s', $a );", "printf( '%s', esc_html( $a ) );"),
        (unescaped, "echo $a ? $b : 'c';", "echo $a ? esc_html( $b ) : 'c';"),
        (
            unescaped,
            "echo wp_json_encode( $a );",
            "header( 'Content-Type: application/json' );\necho wp_json_encode( $a );",
        ),
        (unescaped, "?><p><?= $a ?></p>", "?><p><?php echo (int) $a; ?></p>"),
        (uncleaned, "$a = $_GET['a'];", "$a = isset( $_GET['a'] );"),
        (uncleaned, "$a = wp_unslash( $_GET['a'] );", "$a = (int) $_GET['a'];"),
        (
            uncleaned,
            "$a = sanitize_text_field( $_POST['a'] );",
            "$a = sanitize_text_field( wp_unslash( $_POST['a'] ) );",
        ),
        (uncleaned, "$a = trim( $_POST['a'] );", "$a = sanitize_key( $_POST['a'] );"),
        (
            uncleaned,
            "// phpcs:ignore X.ValidatedSanitizedInput\n$a = b( $_GET['a'] );",
            "// phpcs:ignore X.ValidatedSanitizedInput -- one form only.\n$a = b( $_GET['a'] );",
        ),
        (refused, "eval( $a );", "$this->eval( $a );"),
        (refused, "file_get_contents( $url );", "file_get_contents( 'php://input' );"),
        (refused, "$a = curl_init();", "// curl_init();"),
        (refused, "$a = match ( $b ) { 1 => 2 };", "$a = 'match (';"),
        (
            unprepared,
            "$wpdb->query( \"DELETE FROM {$table} WHERE a = '{$a}'\" );",
            '$wpdb->query( $wpdb->prepare( "DELETE FROM {$table} WHERE a = %s", $a ) );',
        ),
        (unprepared, "$wpdb->get_var( 'SELECT ' . $a );", "$wpdb->get_var( 'SELECT 1' );"),
    ],
)
def test_a_breach_would_be_seen(question, bad: str, good: str) -> None:
    assert question("<?php\n" + bad + "\n") != []
    assert question("<?php\n" + good + "\n") == []


def test_whatever_the_plugin_writes_down_is_removed_with_it() -> None:
    removed = (pack.PLUGIN / "uninstall.php").read_text("utf-8")
    names = written()
    assert {"relance_link", "relance_settings", "_relance_cart", "relance_send"} <= names
    assert {"relance_carts", "relance_requests"} <= names
    missing = [
        name
        for name in names
        if f"'{name}'" not in removed and f"'{name.removeprefix('relance_')}'" not in removed
    ]
    assert missing == []


def written() -> set[str]:
    """The names of options, transients, marks on orders, scheduled actions and tables."""
    sources = {path: path.read_text("utf-8") for path in SOURCES if path.name != "uninstall.php"}
    constants = {}
    for source in sources.values():
        owner = re.search(r"^class (\w+)", source, re.M)
        for name, value in re.findall(r"const (\w+)\s*= '([^']+)'", source):
            constants[(owner[1] if owner else "", name)] = value
    names = set()
    for source in sources.values():
        owner = re.search(r"^class (\w+)", source, re.M)
        wrote = re.findall(
            r"(?:(?:add|update)_(?:\w+_)?(?:option|meta|meta_data)|set_transient|"
            r"as_(?:schedule|enqueue)_\w+)\(([^;]*);",
            source,
        )
        for arguments in wrote:
            for of, name in re.findall(r"(self|Relance_\w+)::([A-Z_]+)\b", arguments):
                names.add(constants.get((owner[1] if of == "self" and owner else of, name), name))
            names |= set(re.findall(r"^\s*'(_?relance_\w+)'", arguments))
        names |= set(re.findall(r"prefix \. '(relance_\w+)'", source))
    return {name for name in names if re.match("_?relance_", name)}


def test_the_version_is_the_same_wherever_it_is_said() -> None:
    main = (pack.PLUGIN / "relance.php").read_text("utf-8")
    readme = (pack.PLUGIN / "readme.txt").read_text("utf-8")
    said = re.findall(r"^ \* Version: +(\S+)$", main, re.M)
    said += re.findall(r"'RELANCE_VERSION', '([^']+)'", main)
    said += re.findall(r"^Stable tag: (\S+)$", readme, re.M)
    assert len(said) == 3
    assert len(set(said)) == 1
    for header in ("Requires at least", "Requires PHP"):
        values = re.findall(rf"{header}: +(\S+)$", main + readme, re.M)
        assert len(values) == 2
        assert len(set(values)) == 1
    assert f"= {said[0]} =" in readme


def test_the_readme_has_the_form_that_the_directory_reads() -> None:
    readme = (pack.PLUGIN / "readme.txt").read_text("utf-8")
    assert re.match(r"=== .+ ===\n", readme)
    tags = re.search(r"^Tags: (.+)$", readme, re.M)
    assert tags and len(tags[1].split(", ")) <= 5
    short = re.search(r"^License URI: .+\n\n(.+)\n", readme, re.M)
    assert short and len(short[1]) <= 150
    for heading in ("Description", "External services", "Installation", "Changelog"):
        assert f"\n== {heading} ==\n" in readme
