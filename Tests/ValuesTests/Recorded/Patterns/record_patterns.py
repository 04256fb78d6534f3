#!/usr/bin/env python3
"""Records what Python's `re` answers.

python3 record_patterns.py > patterns.json (Python 3.11).

Each case is a pattern, its flags (letters of `re`, `b` for a pattern over bytes), and what searching some subjects gives:
spans of all groups in code points (bytes for `b`), [-1, -1] for a group that took no part. Subjects of `b` are Latin-1.
"""
import json
import re
import sys
import warnings

warnings.simplefilter("ignore")
BIG = "the quick brown fox\njumps over 2 lazy dogs\n"

# pattern, flags, subjects, replacements
CASES = [
    # repetitions and braces
    (r"a{,3}", "", ["aaaa", "", "b"], [r"<\g<0>>"]),
    (r"a{2}", "", ["aaaaa", "a"], ["x"]),
    (r"x{,}", "", ["xx", "x{,}", ""], ["-"]),
    (r"x{}", "", ["x{}", "x"], ["-"]),
    (r"x{a}", "", ["x{a}", "xa"], []),
    (r"x{1,a}", "", ["x{1,a}"], []),
    (r"x{1,2", "", ["x{1,2", "xx"], []),
    (r"x{2,1}", "", ["xx"], []),
    (r"{", "", ["{", ""], ["x"]),
    (r"}", "", ["a}b"], ["x"]),
    (r"{1}", "", ["{1}"], []),
    (r"{{ansible_managed}}", "", ["x {{ansible_managed}} y"], ["-"]),
    (r"^\s*{%", "", ["  {% if"], []),
    (r"${HOME}", "", ["${HOME}", ""], []),
    (r"\${HOME}", "", ["a ${HOME} b"], ["x"]),
    (r"a{1}{2}", "", ["aa"], []),
    (r"(?:a{1}){2}", "", ["aa"], []),
    (r"a**", "", ["aa"], []),
    (r"a*+", "", ["aaa"], ["-"]),
    (r"a++b", "", ["aaab", "aaa"], []),
    (r"a?+a", "", ["a", "aa"], []),
    (r"a{1,2}+a", "", ["aa", "aaa"], []),
    (r"(?>a+)a", "", ["aaa"], []),
    (r"(?>ab|a)c", "", ["abc", "ac"], []),
    (r"a*?b", "", ["aab"], []),
    (r"a+?", "", ["aaa"], ["-"]),
    (r"a??", "", ["a", ""], ["-"]),
    (r"a{2,3}?", "", ["aaaaa"], ["-"]),
    (r"*a", "", ["a"], []),
    (r"+", "", ["+"], []),
    (r"(*)", "", ["a"], []),
    (r"a|*", "", ["a"], []),
    (r"^*", "", ["a"], []),
    (r"$*", "", ["a"], []),
    (r"\b*", "", ["a"], []),
    (r"(?:)*", "", ["a"], ["-"]),
    (r"(a*)*", "", ["aab", "b"], [r"<\1>"]),
    (r"(a*)+", "", ["aab", "b"], [r"<\1>"]),
    (r"(a|b)*?c", "", ["abc"], []),
    (r"(?:a|(b))*", "", ["ab", "ba", "a"], [r"<\1>"]),
    (r"(a)|b", "", ["ab", "b"], [r"<\1>"]),
    (r"((a)|(b))+", "", ["ab", "ba"], [r"\1\2\3"]),
    (r"a{99999999999}", "", ["a"], []),
    (r"(?:a{3}){2,}", "", ["aaaaaaaaa"], []),
    # sets
    (r"[\w-.]+", "", ["a-b.c d"], ["x"]),
    (r"[a-\d]", "", ["a-1"], []),
    (r"[\d-a]", "", ["-a1"], ["x"]),
    (r"[\w.-]+@[\w.-]+", "", ["to a.b-c@d-e.f now"], ["x"]),
    (r"[]a]+", "", ["]a]b"], ["x"]),
    (r"[^]]+", "", ["ab]c"], ["x"]),
    (r"[^]a]", "", ["]ab"], ["x"]),
    (r"[[]", "", ["a[b"], ["x"]),
    (r"[[a]+", "", ["[a[b"], ["x"]),
    (r"[[:alpha:]]", "", ["a]", ":]", "b"], ["x"]),
    (r"[[:alpha:]]+", "", ["a:]]", "x"], ["x"]),
    (r"[a-z&&[aeiou]]", "", ["a&]", "e]", "[]"], ["x"]),
    (r"[a&&b]+", "", ["a&b"], ["x"]),
    (r"[a||b]+", "", ["a|b"], ["x"]),
    (r"[a~~b]+", "", ["a~b"], ["x"]),
    (r"[a--b]+", "", ["a-b"], ["x"]),
    (r"[a--]+", "", ["a-b"], []),
    (r"[+--]+", "", ["+,-."], ["x"]),
    (r"[--/]+", "", ["-./0"], ["x"]),
    (r"[-a]+", "", ["-ab"], ["x"]),
    (r"[a-]+", "", ["-ab"], ["x"]),
    (r"[^-a]+", "", ["-ab^"], ["x"]),
    (r"[a^]+", "", ["^ab"], ["x"]),
    (r"[z-a]", "", ["a"], []),
    (r"[a", "", ["a"], []),
    (r"[]", "", ["a"], []),
    (r"[^]", "", ["a"], []),
    (r"[\b]", "", ["a\bb"], ["x"]),
    (r"[\B]", "", ["B"], []),
    (r"[\Z]", "", ["Z"], []),
    (r"[\]]", "", ["a]"], ["x"]),
    (r"[\[\]]+", "", ["a[]b"], ["x"]),
    (r"[\\]", "", ["a\\b"], ["x"]),
    (r"[\-x]+", "", ["a-xb"], ["x"]),
    (r"[a\-z]+", "", ["a-zb"], ["x"]),
    (r"[!-~]+", "", ["a b"], ["x"]),
    (r"[ #]+", "", ["a # b"], ["x"]),
    (r"[{}$()*+?.|^]+", "", ["a{}$()*+?.|^b"], ["x"]),
    (r"[\s\S]+", "", ["a\nb"], ["x"]),
    (r"[^\S\n]+", "", ["a \t\nb"], ["x"]),
    (r"[^\W\d_]+", "", ["a1b_é"], ["x"]),
    (r"[\D]+", "", ["12ab"], ["x"]),
    (r"[\x41-\x43]+", "", ["xABCD"], ["x"]),
    (r"[\101-\103]+", "", ["xABCD"], ["x"]),
    (r"[\0-\37]", "", ["a\x01b\x00"], ["x"]),
    (r"[\1]", "", ["\x01"], ["x"]),
    (r"[\8]", "", ["8"], []),
    (r"[\400]", "", ["a"], []),
    (r"[\u00e0-\u00ff]+", "", ["aéb"], ["x"]),
    (r"[\U0001F600-\U0001F64F]+", "", ["a😀b"], ["x"]),
    (r"[😀-😎]", "", ["a😀b"], ["x"]),
    (r"[^a]", "", ["😀a"], ["x"]),
    (r"[\N{DIGIT ONE}-\N{DIGIT THREE}]+", "", ["0123"], ["x"]),
    (r"[\n\t ]+", "", ["a \t\nb"], ["x"]),
    (r"[\q]", "", ["q"], []),
    (r"[a-c-e]+", "", ["abc-e"], ["x"]),
    (r"[a-c\-e]+", "", ["abc-ed"], ["x"]),
    (r"['\"]+", "", ["a'\"b"], ["x"]),
    # escapes
    (r"\v", "", ["a\vb"], ["x"]),
    (r"\f\a\e", "", ["x"], []),
    (r"[\a\f\v]+", "", ["a\a\f\vb"], ["x"]),
    (r"\a", "", ["a\ab"], ["x"]),
    (r"\Z", "", ["a\n", "a"], ["x"]),
    (r"a\Z", "", ["a\n", "ba"], ["x"]),
    (r"\Aa", "", ["aa", "ba"], ["x"]),
    (r"\z", "", ["z"], []),
    (r"\G", "", ["a"], []),
    (r"\h", "", ["a"], []),
    (r"\R", "", ["a"], []),
    (r"\X", "", ["a"], []),
    (r"\Qa", "", ["a"], []),
    (r"\ca", "", ["a"], []),
    (r"\pL", "", ["a"], []),
    (r"\p{L}", "", ["a"], []),
    (r"\_\-\/\:\,\@\#\~\!\%\&\=\<\>\;\`\ ", "", ["_-/:,@#~!%&=<>;` "], []),
    (r"\'\"", "", ["'\""], []),
    ("\\\u00e9", "", ["é"], []),
    ("\\\n", "", ["a\nb"], []),
    (r"\0", "", ["a\0b"], ["x"]),
    (r"\07", "", ["a\ab"], ["x"]),
    (r"\101\102", "", ["ABC"], ["x"]),
    (r"\400", "", ["a"], []),
    (r"\08", "", ["\0008"], ["x"]),
    (r"\x41", "", ["A"], ["x"]),
    (r"\x4", "", ["A"], []),
    (r"\u0041", "", ["A"], ["x"]),
    (r"\u004", "", ["A"], []),
    (r"\U0001F600", "", ["a😀"], ["x"]),
    (r"\U00110000", "", ["a"], []),
    (r"\N{GREEK SMALL LETTER ALPHA}", "", ["aα"], ["x"]),
    (r"\N{no such name}", "", ["a"], []),
    (r"\N", "", ["N"], []),
    ("a\\", "", ["a\\"], []),
    (r"\w+", "", ["foo_bar9 é2", "a\u0301b", "x\u00b2\u2460", "日本語 テスト", "a\u200db"], ["x"]),
    (r"\W+", "", ["foo, bar é", "a\u0301b"], ["x"]),
    (r"\d+", "", ["12 ٣٤ ²"], ["x"]),
    (r"\D+", "", ["12 ٣٤ ²"], ["x"]),
    (r"\s+", "", ["a \t\n\r\f\v\x1c\x85\xa0\u2003\u3000b\u200bc\u180ed"], ["x"]),
    (r"\S+", "", ["a\x1fb\u2028c"], ["x"]),
    (r"\bfoo\b", "", ["foo", "a foo b", "foobar", "é foo", "éfoo", "foo\u0301"], ["x"]),
    (r"\b", "", ["ab cd", "", " "], ["|"]),
    (r"\B", "", ["ab cd", "", " ", "a"], ["|"]),
    (r"\bé\b", "", ["é", "éa", "a é b"], ["x"]),
    # anchors and lines
    (r"$", "", ["a\n", "a", "a\n\n", "", "\n"], ["x"]),
    (r"a$", "", ["a\n", "a\r\n", "ab", "a\nb"], ["x"]),
    (r"^", "", ["a\nb", "", "\n"], ["x"]),
    (r"^a", "", ["ba", "b\na"], ["x"]),
    (r"^", "m", ["a\nb\n", "", "\n", "\n\n", "a\r\nb"], ["x"]),
    (r"$", "m", ["a\nb\n", "", "\n", "\n\n", "a\r\nb\r\n"], ["x"]),
    (r"^a$", "m", ["b\na\nc", "a\r\n", "a"], ["x"]),
    (r"^.*$", "m", ["a\nb\n", "a\u2028b\n", "a\x85b"], ["x"]),
    (r"^$", "m", ["a\n\nb", "\n", "a\n"], ["x"]),
    (r"^(.*)$", "", ["a\nb", "ab"], [r"<\1>"]),
    (r"(?m)^#?(Port)\s+\d+$", "", ["#Port 22\nPort 23\n"], [r"\1 24"]),
    (r".", "", ["a\nb\rc\u2028d\x85", "😀", "e\u0301"], ["x"]),
    (r".+", "s", ["a\nb"], ["x"]),
    (r".*", "", ["a\nb", ""], ["x"]),
    (r"a.c", "", ["a\nc", "a\rc", "a😀c"], ["x"]),
    (r"\r\n", "", ["a\r\nb"], ["\n"]),
    (r"\r?\n", "", ["a\r\nb\nc"], ["|"]),
    (r"\n", "", ["a\r\nb"], ["|"]),
    (r"\Aa", "m", ["b\na"], ["x"]),
    (r"a\Z", "m", ["a\nb", "b\na"], ["x"]),
    # groups
    (r"(?P<n>a)(?P=n)", "", ["aab"], [r"\g<n>\g<1>"]),
    (r"(?P<key>\w+)\s*=\s*(?P<value>.*)", "", ["port = 22", "a=b=c"], [r"\g<value>: \g<key>"]),
    (r"(?P<é>a)", "", ["a"], [r"\g<é>\1"]),
    (r"(?P<1a>a)", "", ["a"], []),
    (r"(?P<a-b>a)", "", ["a"], []),
    (r"(?P<>a)", "", ["a"], []),
    (r"(?P<a", "", ["a"], []),
    (r"(?P<a>x)(?P<a>y)", "", ["xy"], []),
    (r"(?P=x)", "", ["x"], []),
    (r"(?P=1)", "", ["x"], []),
    (r"(?P>x)", "", ["x"], []),
    (r"(?<n>a)", "", ["a"], []),
    (r"(?'n'a)", "", ["a"], []),
    (r"(?", "", ["a"], []),
    (r"(?x", "", ["a"], []),
    (r"(?y)a", "", ["a"], []),
    (r"(a", "", ["a"], []),
    (r"a)", "", ["a"], []),
    (r"()", "", ["a"], ["-"]),
    (r"(?:)", "", ["ab"], ["-"]),
    ("", "", ["ab", ""], ["-"]),
    (r"a|", "", ["ab"], ["-"]),
    (r"|a", "", ["ab"], ["-"]),
    (r"|a|ab", "", ["ab"], ["-"]),
    (r"a||b", "", ["ab"], ["-"]),
    (r"(?#comment)a(?#another)b", "", ["ab"], []),
    (r"(?#open", "", ["a"], []),
    (r"(?(1)a|b)", "", ["a"], []),
    (r"(x)?(?(1)a|b)", "", ["xa", "b", "xb", "a"], [r"<\1>"]),
    (r"(?P<q>\")?\w+(?(q)\")", "", ["\"ab\"", "ab", "\"ab"], ["x"]),
    (r"(<)?(\w+@\w+)(?(1)>|$)", "", ["<a@b>", "a@b", "<a@b", "a@b>"], [r"\2"]),
    (r"(a)?(?(1)b|c|d)", "", ["ab"], []),
    (r"(a)?(?(2)b|c)", "", ["ab"], []),
    (r"(a)?(?(x)b|c)", "", ["ab"], []),
    (r"(?:(a)|b)*(?(1)c|d)", "", ["abc", "bd", "bad"], ["x"]),
    (r"(a(?(1)b|c))", "", ["ac", "ab"], []),
    (r"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\10", "", ["abcdefghijj"], [r"\10-\1"]),
    (r"(a)\1", "", ["aa", "ab"], [r"\1"]),
    (r"(a)\11", "", ["aa1", "a\t"], []),
    (r"(a)\2", "", ["aa"], []),
    (r"(a\1)", "", ["aa"], []),
    (r"\1(a)", "", ["aa"], []),
    (r"(a)?\1b", "", ["aab", "b"], []),
    (r"(a|b)\1{2}", "", ["aaa", "bbb", "aab"], ["x"]),
    (r"(a)\1" + "0", "", ["aa0"], []),
    (r"(a)\100", "", ["a@"], []),
    (r"(.)(.)", "", ["abcd"], [r"\2\1", r"\g<2>\g<1>", r"[\g<0>]", r"\0", r"\3", r"\g<3>", r"\g<x>", r"\g<", r"\g", r"\g<>",
                                r"\n\t\\", r"\q", r"\-\.", r"\101", r"\011", r"\400", r"\18", "\\", r"\a\b\f\r\v", "😀\\1", r"\x41", r"\u0041",
                                r"\g<01>", r"\g<-1>", r"\g<1a>", r"$1", r"&", r"\&", r"\é", r"\ "]),
    (r"(?P<x>.)", "", ["ab"], [r"\g<x>\g<x>", r"\g<y>", r"\g<1>0", r"\10"]),
    # look-around
    (r"(?<=a)b", "", ["ab", "cb"], ["x"]),
    (r"(?<!a)b", "", ["ab", "cb", "b"], ["x"]),
    (r"a(?=b)", "", ["ab", "ac"], ["x"]),
    (r"a(?!b)", "", ["ab", "ac", "a"], ["x"]),
    (r"(?<=a*)b", "", ["ab"], []),
    (r"(?<=a|bc)d", "", ["ad"], []),
    (r"(?<=ab|bc)d", "", ["abd", "bcd", "d"], ["x"]),
    (r"(?<=(a))b", "", ["ab"], [r"<\1>"]),
    (r"(?<=(a)\1)b", "", ["aab"], []),
    (r"(?<=^)a", "", ["a"], []),
    (r"(?<=\bfoo)bar", "", ["foobar", "xfoobar"], ["x"]),
    (r"(?<=a{2})b", "", ["aab", "ab"], ["x"]),
    (r"(?<=a{1,2})b", "", ["aab"], []),
    (r"(?<=😀)b", "", ["😀b"], ["x"]),
    (r"(?=(a+))a*b\1", "", ["baaabac"], []),
    (r"(?!)", "", ["a"], []),
    (r"(?=)", "", ["ab"], ["-"]),
    (r"(?<=", "", ["a"], []),
    (r"(?<a", "", ["a"], []),
    # flags
    (r"(?i)abc", "", ["ABC", "abC"], ["x"]),
    (r"a(?i)b", "", ["aB"], []),
    (r"(?:a(?i)b)", "", ["aB"], []),
    (r"(?i:a)b", "", ["Ab", "AB"], ["x"]),
    (r"(?-i:a)b", "i", ["aB", "AB"], ["x"]),
    (r"(?i-s:a.)", "s", ["A\n", "Ab"], ["x"]),
    (r"(?-i)a", "", ["a"], []),
    (r"(?a)\w+", "", ["aéb"], ["x"]),
    (r"(?u)\w+", "", ["aéb"], ["x"]),
    (r"(?L)a", "", ["a"], []),
    (r"(?au)a", "", ["a"], []),
    (r"(?a:\w+)é", "", ["aé", "éé"], ["x"]),
    (r"(?-a:\w)", "", ["a"], []),
    (r"(?a)\s+", "", ["a\x1c\xa0 b"], ["x"]),
    (r"(?a)\d+", "", ["1٣"], ["x"]),
    (r"(?a)\bé", "", ["é", "aé"], ["x"]),
    (r"(?ai)k", "", ["K", "\u212a"], ["x"]),
    (r"(?i)k", "", ["K", "\u212a"], ["x"]),
    (r"(?i)s", "", ["S", "\u017f"], ["x"]),
    (r"(?i)i", "", ["I", "\u0131", "\u0130"], ["x"]),
    (r"(?i)\u0130", "", ["i", "I", "\u0131", "\u0130"], ["x"]),
    (r"(?i)ss", "", ["SS", "ß", "\u017fs"], ["x"]),
    (r"(?i)ß", "", ["ß", "ẞ", "SS", "ss"], ["x"]),
    (r"(?i)straße", "", ["STRASSE", "Straße", "STRAẞE"], ["x"]),
    (r"(?i)ffi", "", ["FFI", "ﬃ"], ["x"]),
    (r"(?i)é", "", ["É", "e"], ["x"]),
    (r"(?i)σ", "", ["Σ", "ς", "σ"], ["x"]),
    (r"(?i)[a-c]+", "", ["ABCd", "é"], ["x"]),
    (r"(?i)[^a]", "", ["A", "b", "a"], ["x"]),
    (r"(?i)[^a-y]+", "", ["AZz", "\u212a"], ["x"]),
    (r"(?i)[é]", "", ["É"], ["x"]),
    (r"(?i)[^é]", "", ["É", "a"], ["x"]),
    (r"(?i)(a)\1", "", ["aA"], ["x"]),
    (r"(?i)[\w]", "", ["A"], ["x"]),
    (r"(?i)Привет", "", ["ПРИВЕТ"], ["x"]),
    (r"(?x) a b # comment", "", ["ab", "a b"], ["x"]),
    ("(?x)\n  ^ \\s* # lead\n (\\w+) \\  [ ] x # tail\n $", "", ["  ab  x"], [r"\1"]),
    (r"(?x)a\ b[ #]c", "", ["a b#c", "a b c"], ["x"]),
    (r"(?x) a {2}", "", ["aa", "a{2}"], []),
    (r"(?x) ( ? : a )", "", ["a"], []),
    (r"(?x: a b ) c", "", ["ab c", "abc"], ["x"]),
    (r"a b(?x)", "", ["a b"], []),
    (r"a b # c", "x", ["ab"], []),
    (r"(?-x: a b)", "x", [" a b"], ["x"]),
    (r"(?s).", "", ["\n"], ["x"]),
    (r"(?s:.)x.", "", ["\nx\n", "\nxa"], ["x"]),
    (r"(?m:^a)b$", "", ["c\nab", "c\nab\nd"], ["x"]),
    (r"(?im)^ab$", "", ["c\nAB\nd"], ["x"]),
    # empty matches
    (r"x*", "", ["abxd", "", "xx"], ["-", r"[\g<0>]"]),
    (r"x*?", "", ["axb"], ["-"]),
    (r"\s*", "", ["a b"], ["-"]),
    (r"(?:x|)", "", ["xax"], ["-"]),
    (r"(?:|x)", "", ["xax"], ["-"]),
    (r"b*|c", "", ["abc"], ["-"]),
    (r"(?=a)|a", "", ["aa"], ["-"]),
    (r"\b|:+", "", ["a::bc"], ["-"]),
    (r"(?<=a)|b", "", ["ab"], ["-"]),
    (r"(a)?", "", ["ba"], [r"<\1>"]),
    (r".*?", "", ["ab"], ["-"]),
    (r"^|a", "", ["aa"], ["-"]),
    (r"$|\n", "", ["a\n"], ["-"]),
    (r"😀*", "", ["a😀b"], ["-"]),
    # everyday
    (r"^#?\s*PermitRootLogin\s+.*$", "m", ["#PermitRootLogin yes\nPermitRootLogin no\n"], ["PermitRootLogin no"]),
    (r"^(\s*)(listen)\s+\d+;", "m", ["server {\n    listen 80;\n}"], [r"\1\2 8080;"]),
    (r"https?://([^/:]+)(?::(\d+))?", "", ["see http://h:80/x and https://k/"], [r"\1 \2"]),
    (r"^web\d+\.(prod|test)$", "", ["web1.prod", "web1.dev"], []),
    (r"(\d{1,3}\.){3}\d{1,3}", "", ["at 10.0.0.1 now"], [r"\1"]),
    (r"^([^=]+)=(.*)$", "m", ["a=b\nc=d=e\n"], [r"\2=\1"]),
    (r"v?(\d+)\.(\d+)(?:\.(\d+))?", "", ["v1.2", "1.2.3"], [r"\3.\2.\1"]),
    (r"(?P<a>a)|(?P<b>b)", "", ["ab"], [r"\g<a>-\g<b>"]),
    (BIG[:9], "", [BIG], ["x"]),
    # bytes
    (r"\w+", "b", ["caf\xc3\xa9 x"], ["x"]),
    (r"\xc3\xa9", "b", ["caf\xc3\xa9"], ["x"]),
    ("\xc3\xa9", "b", ["caf\xc3\xa9"], ["x"]),
    (r"[^a]", "b", ["a\xffb"], ["x"]),
    (r".", "b", ["\xff\n\x85"], ["x"]),
    (r"\s", "b", ["\x1c\x85\xa0 \v"], ["x"]),
    (r"\b", "b", ["a\xe9b"], ["|"]),
    (r"(?i)\xe9", "b", ["\xc9\xe9"], ["x"]),
    (r"(?i)[\xe0-\xef]k", "b", ["\xc9K\xe9K"], ["x"]),
    (r"(?i)[^k]", "b", ["K\xe9"], ["x"]),
    (r"(?i)\xb5", "b", ["\xb5"], ["x"]),
    (r"\u0041", "b", ["A"], []),
    (r"\N{DIGIT ONE}", "b", ["1"], []),
    (r"(?u)a", "b", ["a"], []),
    (r"(?a)a", "b", ["a"], []),
    (r"^(Port)\s+(\d+)$", "b", ["Port 22\n"], [r"\1 \g<2>0", r"\g<1>"]),
    (r"[\w-.]+", "b", ["a-b.c d"], ["x"]),
    (r"\v", "b", ["a\vb"], ["x"]),
    (r"a{,3}", "b", ["aaaa"], ["-"]),
]


def spans(match):
    return [list(match.span(group)) for group in range(match.re.groups + 1)] if match else None


def replaced(compiled, template, subject, count):
    entry = {"with": template if isinstance(template, str) else template.decode("latin-1"), "count": count}
    try:
        text = compiled.sub(template, subject, count=count)
        entry["text"] = text if isinstance(text, str) else text.decode("latin-1")
    except (re.error, IndexError) as error:
        entry["error"] = str(error)
    return entry


def record(pattern, flags, subjects, replacements):
    is_bytes = "b" in flags
    kind = (lambda text: text.encode("latin-1")) if is_bytes else str
    case = {"pattern": pattern, "flags": flags}
    value = 0
    for letter in flags.replace("b", ""):
        value |= getattr(re, letter.upper())
    try:
        compiled = re.compile(kind(pattern), value)
    except (re.error, ValueError, OverflowError) as error:
        case["error"] = str(error)
        return case
    case["names"] = dict(compiled.groupindex)
    case["subjects"] = []
    for subject in subjects:
        subject = kind(subject)
        entry = {
            "text": subject.decode("latin-1") if is_bytes else subject,
            "search": spans(compiled.search(subject)),
            "match": spans(compiled.match(subject)),
            "fullmatch": spans(compiled.fullmatch(subject)),
            "all": [spans(match) for match in compiled.finditer(subject)],
            "sub": [],
        }
        for replacement in replacements:
            for count in (0, 1):
                entry["sub"].append(replaced(compiled, kind(replacement), subject, count))
        case["subjects"].append(entry)
    return case


def ranges(pattern):
    """First and last code points of the runs that a class matches."""
    matches = re.compile(pattern).match
    result = []
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000 or not matches(chr(code)):
            continue
        if result and result[-1][1] == code - 1:
            result[-1][1] = code
        else:
            result.append([code, code])
    return result


def main():
    cases = [record(*case) for case in CASES]
    classes = {name: ranges(name) for name in (r"\w", r"\d", r"\s")}
    lines = ",\n".join(json.dumps(case) for case in cases)
    table = ",\n".join(f"{json.dumps(name)}: {json.dumps(runs)}" for name, runs in classes.items())
    sys.stdout.write('{"cases": [\n' + lines + '\n],\n"classes": {\n' + table + "\n}}\n")


main()
