#!/usr/bin/env python3
"""Records what Python's `fnmatch`, `shlex`, `base64` and `os.path.expanduser` answer.

python3 record_words.py > words.json (Python 3.11, as root: the account's own folder is recorded as /root).
"""
import base64
import fnmatch
import json
import os
import pwd
import shlex
import sys
import warnings

warnings.simplefilter("ignore")

# pattern, names
GLOBS = [
    ("*", ["", "a", ".a", "a/b", "a\nb", "\n"]), ("?", ["", "a", "ab", "é", "e\u0301", "😀", "\n"]),
    ("??", ["e\u0301", "😀", "ab"]), ("web*", ["web", "web1", "Web1", "aweb"]), ("*.conf", ["a.conf", ".conf", "a.conf\n", "aconf"]),
    ("[abc]", ["a", "d", "", "[abc]"]), ("[!a]", ["a", "b", "!", ""]), ("[^a]", ["a", "b", "^"]), ("[]]", ["]", "a"]),
    ("[]a]", ["]", "a", "b"]), ("[!]]", ["]", "a"]), ("[!]a]", ["]", "a", "b"]), ("[a-]", ["a", "-", "b"]), ("[-a]", ["a", "-", "b"]),
    ("[a-c]", ["a", "b", "c", "d", "-"]), ("[z-a]", ["a", "z", "-", "m"]), ("[!z-a]", ["a", "z", "-", ""]), ("[a-cz-a]", ["b", "z"]),
    ("[a-c-e]", ["a", "-", "e", "d"]), ("[--/]", ["-", ".", "/", "0"]), ("[a--c]", ["a", "-", "c", "b"]), ("[+--]", ["+", ",", "-", "."]),
    ("[", ["[", ""]), ("[a", ["[a", "a"]), ("[!", ["[!", ""]), ("[]", ["[]", ""]), ("[!]", ["[!]", "a"]), ("a[", ["a["]),
    ("[[]", ["[", "a"]), ("[[a]", ["[", "a"]), ("[a&&b]", ["a", "&", "b"]), ("[a||b]", ["|", "a"]), ("[a~~b]", ["~"]),
    ("[\\]", ["\\", "]"]), ("\\*", ["\\", "\\a", "*"]), ("a\\?b", ["a\\xb", "a?b"]), ("[\\d]", ["\\", "d", "1"]), ("[a-\\]", ["a", "\\", "b"]),
    ("[\\-a]", ["\\", "]", "a", "-"]), ("[é-ü]", ["é", "ö", "a"]), ("[😀-😎]", ["😄", "a"]), ("[!é]", ["é", "e\u0301", "a"]),
    ("e\u0301*", ["e\u0301x", "éx"]), ("a.c", ["a.c", "abc"]), ("(a|b)", ["(a|b)", "a"]), ("a+", ["a+", "aa"]), ("$HOME^", ["$HOME^"]),
    ("{a,b}", ["{a,b}", "a"]), ("**", ["", "a", "ab"]), ("a**b", ["ab", "axb"]), ("*a*b*c*", ["abc", "xaxbxcx", "acb"]), ("*?", ["", "a"]),
    ("?*?", ["a", "ab"]), ("*[0-9]", ["web1", "web", "1a"]), ("[[:alpha:]]", ["a]", ":]", "a"]), ("[a-a]", ["a"]), ("[!!]", ["!", "a"]),
    ("[!-a]", ["-", "a", "b"]), ("[]-a]", ["]", "^", "a", "b", "-"]), ("[a-b-c-d]", ["a", "b", "-", "c", "d"]), ("", ["", "a"]),
    ("*" * 20 + "b", ["a" * 40]), ("*a" * 20 + "b", ["a" * 60]), ("[*]", ["*", "a"]), ("[?]", ["?", "a"]), ("a]", ["a]"]), (" ", [" "]),
    ("A*", ["a1", "A1"]), ("\n*", ["\na"]), ("[\n]", ["\n"]), ("[a-z]*[!0-9]", ["web1x", "web1"]), ("[!a-c]", ["b", "d"]), ("[#]", ["#"]),
    ("[c-a-z]", ["a", "-", "z", "m"]), ("[b-a]x", ["bx", "x"]), ("[!b-a]x", ["bx", "x"]), ("[^]", ["^", "[^]"]), ("[^]]", ["^]", "a]", "]"]),
]

LINES = [
    "", " ", "a", "a b", " a  b ", "a\tb\nc\rd", "a\r\nb", "a\vb\fc", "a\u00a0b", "'a b'", '"a b"', "''", '""', "a''b", "a '' b", "'a'\"b\"c",
    "'a", '"a', "a\\", '"a\\', "\\a", "a\\ b", "\\\n", "a\\\nb", "'a\\b'", "'a\\'", '"a\\"b"', '"a\\\\b"', '"a\\b"', '"a\\$b"', '"a\\\nb"',
    '"it\'s"', "'say \"x\"'", "# c", "a # c", "a#c", "a # c\nb", "a#c\nb", "'#' a", '"#"', "\\# a", "a '# b' # c", "#\n#\na", "é ü", "e\u0301",
    "'\u0301a'", '"\u0301"', "a'\u0301b'", "😀 '😀 b'", "a;b|c&d", "a=b c='d e'", "--x=\"y z\"", "$HOME ~ *", "a\0b", "a\n\nb", "'a\nb'",
    "'' ''", "\"\" x", "a\\\\b", "\\'", "\\\"", "'\\''", "''#", "a''#b", "\\ ", " \\", "x'y'z\"w\"", "#", "a\\#b", "\"a\" # 'b", "# 'open",
    "key='v1' \"two words\" three\\ words", "ansible_ssh_common_args='-o ProxyCommand=\"ssh -W %h:%p jump\"'",
]


BASE64 = [
    "", "YQ==", "YWI=", "YWJj", "YWJj\n", "YQ", "YQ=", "YWI", "Y", "YWJjZ", "YQ==YQ==", "YWJj=ZGVm", "YW=JjZA==", "=YQ==", "Y=Q==",
    "Y Q = =", "YQ==#", "%%%", "YWJj====", "YWJjZA=", "====", "a-_b", "a+/b", "\u00e9", "YQ===", "Y===", "YWJjZGVm\r\nZ2hp", "gICA",
]


def outcome(call):
    try:
        return call()
    except ValueError:
        return None


def expanded(path, home):
    if home is None:
        os.environ.pop("HOME", None)
    else:
        os.environ["HOME"] = home
    return os.path.expanduser(path)


def main():
    homes = {entry.pw_name: entry.pw_dir for entry in pwd.getpwall() if entry.pw_name in ("root", "daemon")}
    assert os.getuid() == 0, "record as root: the account's own folder is recorded as /root"
    result = {
        "fnmatch": [{"pattern": pattern, "name": name, "fits": fnmatch.fnmatch(name, pattern)} for pattern, names in GLOBS for name in names],
        "shlex": [
            {"line": line, "comments": comments, "words": outcome(lambda: shlex.split(line, comments))}
            for line in LINES for comments in (False, True)
        ],
        "base64": [{"text": text, "bytes": outcome(lambda: base64.b64decode(text.encode()).hex())} for text in BASE64],
        "homes": homes,
        "expanduser": [
            {"path": path, "home": home, "expanded": expanded(path, home)}
            for path in ("~", "~/", "~/x", "~//x", "a~", "", "/~", "~daemon", "~daemon/x", "~nobody-here/x", "~root", "~ /x", "./~", "~\u00e9")
            for home in ("/home/me", "/home/me/", "/", "", "relative", None)
        ],
    }
    parts = [f"{json.dumps(name)}: " + ("[\n" + ",\n".join(map(json.dumps, value)) + "\n]" if isinstance(value, list) else json.dumps(value))
             for name, value in result.items()]
    sys.stdout.write("{\n" + ",\n".join(parts) + "\n}\n")


main()
