#!/usr/bin/env python3
"""Records what Python and Ansible answer to the inputs on which Drover's former copies disagreed.

Run with ansible-core 2.19.14 (scripts/peers) on Python 3.11, from anywhere: .build/peers/bin/python Tests/ValuesTests/Recorded/record.py
"""

import datetime
import json
import os
import sys
import time
import unicodedata
import warnings

sys.dont_write_bytecode = True
os.chdir(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ".")
warnings.simplefilter("ignore")
from notation import field, value, write  # noqa: E402

import yaml  # noqa: E402
from ansible._internal._datatag._tags import Origin  # noqa: E402
from ansible.module_utils._internal._datatag import AnsibleTagHelper  # noqa: E402
from ansible.module_utils.common.validation import check_type_bool  # noqa: E402
from ansible.module_utils.parsing.convert_bool import boolean  # noqa: E402
from ansible.plugins.filter import core  # noqa: E402
from ansible.plugins.inventory.ini import InventoryModule  # noqa: E402
from ansible.plugins.test.core import truthy  # noqa: E402

NAN, INF = float("nan"), float("inf")


def outcome(call, *errors):
    try:
        return value(call())
    except (errors or (Exception,)) as error:
        return "!" + field(str(error).splitlines()[0] if not isinstance(error, json.JSONDecodeError) else str(error))

# --- JSON, read -------------------------------------------------------------------------------------------------------

NUMBERS = """- -- 1-2 -1 - 01 -01 00 0 -0 +1 1. .5 -.5 1.5 0.0 -0.0 1e5 1E5 1e+5 1e-5 1e 1e+ 1E400 -1e400 1e-400 5e-324
2.2250738585072011e-308 0.1 1.7976931348623157e308 123456789012345678 9223372036854775807 9223372036854775808 -9223372036854775808
-9223372036854775809 99999999999999999999999999999 1_000 0x1f 0b1 1.2.3 1e5.5 1.0e1e1 --1 -+1 NaN -NaN nan Infinity -Infinity
+Infinity Inf infinity true True TRUE false null nul nulll None undefined tru 1a 1true - -a ١ １""".split()

TEXTS = [
    r'""', r'"a"', r'"\""', r'"\\"', r'"\/"', r'"\b\f\n\r\t"', r'"\a"', r'"\x41"', r'"\u0041"', r'"\u00e9"', r'"\u00E9"', r'"\u004"',
    r'"\u00g0"', r'"\u+041"', r'"\u 041"', r'"\U00000041"', r'"\ud83d\ude00"', r'"\uD83D\uDE00"', r'"\ud800"', r'"\udc00"',
    r'"\ud800\u0041"', r'"\ud800\ud800"', r'"\ud800\udc00"', r'"\udbff\udfff"', r'"\udc00\ud800"', r'"\ud800x"', r'"\ud800\n"',
    r'"\ud83d\ud83d\ude00"', r'"\ud800\u"', r'"\ud800\u12"', r'"\ud800\uzzzz"', r'"\u0000"', r'"\u007f"', '"\x7f"', '"\x00"', '"\n"', '"\t"', '"\x1f"',
    '"\u00e9"', '"\U0001F600"', '"\u2028"', '"\ufeff"', '"', '"a', '"\\', '"\\u', '"\\u00', '"a\\"', "'a'", "a", '"a"b', '"a" "b"', '"\ud800"',
    '"e\u0301"', '"\r\n"', '"\\u000D\\u000a"',
]

SHAPES = [
    "", " ", "\n", "[]", "{}", " [ ] ", "[ 1 , 2 ]", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[", "]", "[1", "[1,", "[]]", "[1]x", "[1] [2]", "{", "}", '{"a"}',
    '{"a":}', '{"a":1', '{"a":1,', '{"a":1,}', '{,}', '{"a" 1}', '{a:1}', "{'a':1}", '{1:2}', '{"a":1 "b":2}', '{"a":1,"a":2}',
    '{"a":1,"b":2,"a":3}', '{"a":{"a":1},"a":null}', '{"\\u0061":1,"a":2}', '{"":0}', '{"é":1,"é":2}', "\ufeff[]", " \ufeff[]", "[\ufeff]", "[1]\ufeff", "[1]\x00",
    "\x0b[]", "\xa0[]", "[\xa0]", "[1]\f", "\t\r\n [1]\t\r\n ", "// c\n[]", "[] # c", "[/* c */]", "[1-2]", "[1 -2]", "[-]", "[+1]", "[01]", "[1.]", "[.5]", "[1e5]",
    "[true]", "[True]", "[truefalse]", "[true false]", "[NaN,Infinity,-Infinity]", "[null]", "nullnull", "[[[]]]", "[[[]]", "[{]}", '{"a":[}', '{"a":[1,{"b":[{}]}]}',
    '{"k":"v"}\n{"k":"v"}', '["é", x]', '["\U0001F600", x]', '[\n1,\n x]', '[\r\n x]', '{"a": tru}', '{"a": "b\n"}', '{"a\tb": 1}', '{"a": [1, 2}',
    "[" * 3, "[" * 300 + "]" * 300, '{"a":' * 200 + "1" + "}" * 200, '["', '[""', '{"a": "', '{"', '{"a', '{"a" ', '{"a": ',
    "web[1-2]", "[1-2]", "[a:c]", "[all]", "[web]", "web01", "10.0.0.1", "1,2",
]


def read(text):
    return outcome(lambda: json.loads(text), json.JSONDecodeError)


def json_read():
    for text in NUMBERS + TEXTS + SHAPES + ["[" + n + "]" for n in NUMBERS]:
        # Half a pair that stands in a text as it is can't reach Drover, whose texts are UTF-8.
        if any("\ud800" <= c < "\ue000" for c in text):
            continue
        yield field(text), read(text)

# --- JSON, written ----------------------------------------------------------------------------------------------------

FLOATS = [0.0, -0.0, 1.0, -1.0, 0.1, 0.5, 1.5, 1e15, 1e16, 1e17, 123456789012345.6, 9999999999999998.0, 1.2345e16, 1e21, 1e22, 1e100, 1e-4, 1e-5,
          1.5e-5, 0.0001, 0.00012, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 3.141592653589793, 1/3, 2/3, 100.0, 1e5, 123456.0, 0.30000000000000004,
          4.35, 1e-7, 9007199254740993.0, 4503599627370496.5, INF, -INF, NAN]

STRINGS = ["", "a", "a b", "'", '"', "'\"", "it's", 'say "x"', "\\", "a\\b", "\n", "\r", "\t", "\b", "\f", "\v", "\a", "\0", "\x01", "\x1b", "\x1f", "\x7f", "\x80", "\x85",
           "\xa0", "\xad", "é", "e\u0301", "ß", "中文", "\u200b", "\u200d", "\u2028", "\u2029", "\u202e", "\u3000", "\ufeff", "\ufffd", "\uffff", "\ue000", "\U0001F600", "\U0001F468\u200d\U0001F469", "\U000E0001", "\U0010FFFF",
           "\u0300", "</script>", "a/b", "{{ x }}", "%", "\r\n", "a'b\"c\\d\ne", "\u0378", "\U0001FAFF", "/", "<>&'", "\ud7ff"]

WRITTEN = [None, True, False, 0, 1, -1, 2**63 - 1, -(2**63), *FLOATS, *STRINGS, [], {}, [[]], [{}], {"a": []}, {"a": {}}, [1, [2, [3, {"a": [4]}]]],
           {"b": 1, "a": 2}, {"b": {"d": 1, "c": 2}, "a": [{"z": 1, "y": 2}]}, {"é": 1, "z": 2, "a": 3, "Z": 4}, {"\uffff": 1, "\U0001F600": 2}, {"a\nb": 1, '"': 2},
           {1: "a", 2: "b"}, {10: 1, 9: 2}, {1.5: "a"}, {-0.0: 1}, {1e16: 1}, {NAN: 1}, {INF: 2}, {True: 1}, {False: 0}, {None: 1}, {None: 1, "a": 2}, {1: 1, "a": 2}, {True: 1, "a": 2},
           {2: 1, True: 2}, {1.5: 1, 1: 2}, [None, True, 1, 1.0, "a", [], {}], {"x": "1", "y": 1}, [1, 2, 3], ["a", "b"]]

LAYOUTS = [{}, {"ensure_ascii": False}, {"indent": 4}, {"indent": 0}, {"indent": "\t"}, {"indent": 2, "sort_keys": True}, {"separators": (",", ":")},
           {"sort_keys": True, "ensure_ascii": False, "indent": 4}, {"indent": 1, "separators": ("; ", "=")}]


def json_written():
    for v in WRITTEN:
        row = [value(v)]
        for layout in LAYOUTS:
            try:
                row.append(field(json.dumps(v, **layout)))
            except TypeError as error:
                row.append("!" + field(str(error)))
        yield row

# --- str() and repr() -------------------------------------------------------------------------------------------------


def texts():
    for v in [*WRITTEN, {"a": "it's"}, ["'", '"', "'\""], {"k": None, "t": True, "f": 1e16}, [[["\n"]]], {1: {2: [3.0]}}, {"é": "\x7f"}]:
        yield value(v), field(str(v)), field(repr(v))


def printable():
    """Runs of code points that repr() shows as they are (`p`), escapes (`e`), or that Unicode 14 has not assigned (`u`)."""
    def kind(code):
        if unicodedata.category(chr(code)) == "Cn":
            return "u"
        return "p" if chr(code).isprintable() else "e"
    start, current = 0, kind(0)
    for code in range(1, 0x110000):
        now = kind(code)
        if now != current:
            yield current, "%X" % start, "%X" % (code - 1)
            start, current = code, now
    yield current, "%X" % start, "10FFFF"

# --- booleans ---------------------------------------------------------------------------------------------------------

WORDS = ["yes", "no", "on", "off", "true", "false", "y", "n", "t", "f", "1", "0", "1.0", "0.0", "01", "-1", "2", "", " ", "None", "null", "~", "none", "enabled", "ja", "truee",
         "ｙ", "ＴＲＵＥ", "İ", "ON\n"]
SPELLINGS = [f(w) for w in WORDS for f in (str, str.upper, str.capitalize, lambda w: " " + w, lambda w: w + "\t", lambda w: "\u00a0" + w + "\u2003")]
BOOLEAN_INPUTS = list(dict.fromkeys(SPELLINGS)) + [True, False, 0, 1, -1, 2, 10, 0.0, 1.0, -0.0, 0.5, 1.5, -1.0, NAN, INF, None, [], [True], {}, {"a": True}]


def truth(call):
    try:
        result = call()
    except Exception:
        return "!"
    return "t" if result is True else "f" if result is False else "-"


def booleans():
    """Each input, and what comes of it: as an argument of `type: bool`, as a keyword, an option that is not strict, the filter `bool`,
    the test `truthy` with convert_bool, a value of an INI inventory, and a plain scalar of YAML (`-`: no boolean there)."""
    for v in BOOLEAN_INPUTS:
        row = [value(v), truth(lambda: check_type_bool(v)), truth(lambda: boolean(v)), truth(lambda: boolean(v, strict=False)), truth(lambda: core.to_bool(v)),
               truth(lambda: truthy(v, convert_bool=True))]
        if isinstance(v, str):
            row.append(truth(lambda: inventory_value(v)))
            row.append(truth(lambda: yaml.load(v, Loader=yaml.CSafeLoader)))
        yield row

# --- Python's literals ------------------------------------------------------------------------------------------------

LITERALS = NUMBERS + [
    "True", "False", "None", "'a'", '"a"', "'a' 'b'", "'a' \"b\"", "r'\\n'", "u'a'", "U'a'", "ur'a'", "b'a'", "br'a'", "f'a'", "'''a'''", '"""a\'b"""', "'a''b'", "'\\n'", "'\\x41'", "'\\x4'", "'\\u00e9'", "'\\ud83d\\ude00'",
    "'\\U0001F600'", "'\\U00110000'", "'\\N{BULLET}'", "'\\N{bullet}'", "'\\N{NO SUCH}'", "'\\101'", "'\\8'", "'\\777'", "'\\q'", "'\\", "'\\'", "'a", "a'", "'a\nb'", "'a\\\nb'", "[1, 2]", "[1, 2,]", "[,]", "[1 2]", "[]", "()", "(1)", "(1,)", "(1, 2)", "1, 2", "1,", "{}", "{'a': 1}",
    "{'a': 1,}", "{1: 'a', 1.0: 'b'}", "{'a': 1, 'a': 2}", "{1, 2}", "{'a'}", "{[1]: 2}", "[[1], {'a': (1, 2)}]", "1 + 2", "-1", "- 1", "--1", "+1", "~1", "not True", "1 if True else 2", "1_000", "1__0", "_1", "1_", "0x1F", "0X1f", "0x", "0x_1f",
    "0o17", "017", "00", "0_0", "0b101", "0b2", "1e3", "1E3", "1e+3", "1e", "1.", ".5", "1._5", "1_0.5", "1e1_0", "1j", "...", "Ellipsis", "true", "null", "web-01", "10.0.0.1", "1 # c", "'a' # c", "# c", " 1", "1 ", "\t1", "\n1", "a=b", "x", "lambda: 1",
    "set()", "[1, [2, [3]]]", "{'a': {'b': [None, True, 1.5]}}", "[True, 'x']", "'\u00e9'", "é", "1e400", "-1e400", "99999999999999999999", "-99999999999999999999", "9223372036854775808", "1.7e308", "'a'b", "'a'5", "5'a'", "0777", "08", "1 2",
    "[1\n,2]", "{'a':\n1}", "\\", "\"\\\"\"", "{'a': 'b'", "('a' 'b')", "-'a'", "+'a'", "-True", "-[1]", "1 , ", "'a' , 'b'", "{**{}}", "[*[1]]", "1.0.0", "1..real", "0xfg", "1e5e5", "0_7", "0__7", "1_e5", "1e_5", "٣", "'\x00'",
]


def kept(text, v):
    """A value, or the text as it stands where the value is a whole number beyond 64 bits."""
    return value(text) if isinstance(v, int) and not -(2**63) <= v < 2**63 else value(v)


def inventory_value(text):
    """What an INI inventory makes of a value."""
    plugin = InventoryModule()
    plugin._origin = Origin(path="/recorded")
    return AnsibleTagHelper.as_native_type(plugin._parse_value(text))


def plain(v):
    """Without Ansible's tags."""
    if isinstance(v, dict):
        return {plain(k): plain(w) for k, w in v.items()}
    if isinstance(v, list):
        return [plain(w) for w in v]
    return AnsibleTagHelper.as_native_type(v)


def literals():
    for text in LITERALS:
        try:
            yield field(text), kept(text, plain(inventory_value(text)))
        except Exception as error:
            yield field(text), "!" + field(type(error).__name__)

# --- numbers in text --------------------------------------------------------------------------------------------------

NUMBER_TEXTS = NUMBERS + ["", " ", " 1 ", "\n1\t", "+1", "-0", "1_0", "_1", "1_", "1__0", "0x1f", "0X1F", "-0x1f", "0x", "0o17", "0b11", "017", "0_1", "1e3", ".5", "5.", "1_0.0_1", "1._0", "1e1_0", "inf", "-inf", "+inf", "Infinity", "iNf", "nan", "+nan",
                          "-nan", "1 2", "- 1", "--1", "z", "Z", "1z", "٣", "１２", "\u00a01", "1\u2003", "9" * 18, "9" * 19, "1e", "e5", "1d5", "0x1p3", "1,5", "1.5.", "0b", "0o8", "1\x00"]


def number_texts():
    def whole(text, base):
        try:
            return value(int(text, base))
        except ValueError:
            return "!"
    for text in dict.fromkeys(NUMBER_TEXTS):
        try:
            number = value(float(text))
        except ValueError:
            number = "!"
        yield (field(text), *[whole(text, base) for base in (10, 16, 8, 2, 0, 36)], number)

# --- backslashes, formats ---------------------------------------------------------------------------------------------

ESCAPES = ["", "a", "\\n", "\\t\\r\\a\\b\\f\\v\\0", "\\\\", "\\'", '\\"', "\\q", "\\8", "\\1", "\\12", "\\123", "\\1234", "\\400", "\\777", "\\x41", "\\x4", "\\x", "\\xg1", "\\u00e9", "\\u00", "\\uZZZZ", "\\U0001F600", "\\U00110000", "\\U0001",
           "\\N{BULLET}", "\\N{bullet}", "\\N{LATIN SMALL LETTER E WITH ACUTE}", "\\N{CJK UNIFIED IDEOGRAPH-4E2D}", "\\N{HANGUL SYLLABLE GA}", "\\N{x}", "\\N", "\\N{", "\\Nx", "a\\\nb", "\\ud83d\\ude00", "\\ud800", "\\", "é\\n", "\U0001F600\\t"]


def escapes():
    """As Jinja2's lexer decodes the text between quotes."""
    for text in ESCAPES:
        try:
            yield field(text), "s" + field(text.encode("ascii", "backslashreplace").decode("unicode-escape"))
        except UnicodeDecodeError as error:
            yield field(text), "!" + field(error.reason)

FORMATTED = [0, 1, -0.04, 123.0, 99999.5, -1, 42, -42, 1234567, -1234567, 2**63 - 1, -(2**63), True, False, 0.0, -0.0, 1.0, -1.5, 0.1, 1e16, 1e-5, 123456.789, 1e300, 5e-324, INF, -INF, NAN, "", "abc", "é\U0001F600", "e\u0301"]
SPECS = ["", "d", "5", "05", "<5", ">5", "^5", "=5", "*^9", "*<6", "0>6", "+", "-", " ", "+d", " d", "x", "X", "#x", "#X", "o", "#o", "b", "#b", "#010x", "c", "n", ",", "_", ",d", "_d", "_x", "_b", "020,", "020,d", "10,.2f", "f", ".0f", "#.0f", ".2f", "F", "e", "E", ".3e", "g",
         "G", ".3g", "#.3g", "%", ".1%", ".0%", "s", ".2s", "10.2s", ".2", ".0", "10.3", "08.3f", "+.1f", " .1f", "<+8.2f", "^-9", "z", "q", "5.", ".x", "..", "1000", "{", "}", "=+6d", "é^7", "٣", "5d5", ",.3", "_.2f", ",s", "=s", "05s", "+s", "#s", "0", "00", "-5", "=010", "<010", "z.1f", "N", ",n", "_n", ".5d", ",c", "+c", "#c", "_o", "5c", "<5c", "z.0f", " z.1f", "z%", "zg", "#_x", "#06x", "+012,d", "*=+9d", "0=8", "_,", ",_", "é", "99999999999999999999", ".99999999999999999999f", "010.2%", "+e", "015,.1f", "012_x", ",b", ",x"]


def formats():
    for v in FORMATTED:
        for spec in SPECS:
            try:
                yield value(v), field(spec), "s" + field(format(v, spec))
            except (ValueError, OverflowError, TypeError) as error:
                yield value(v), field(spec), "!" + field(str(error))

PERCENTS = ["%s", "%r", "%a", "%d", "%i", "%u", "%5d", "%-5d|", "%05d", "%+d", "% d", "%+05d", "%x", "%X", "%#x", "%o", "%#o", "%c", "%e", "%E", "%f", "%F", "%g", "%G", "%.2f", "%10.3f", "%-10.2f|", "%010.2f", "%.3s", "%10s", "%-10s|", "%05s", "%.0f", "%#.0f", "%.3d", "%8.3d", "%-8.3d|", "%08.3d", "%ld", "%hd", "%Lf", "%lld",
            "%%", "%5%", "%", "%q", "%(a)s", "%5", "%.d", "%.f", "%.", "%b", "%+s", "%#x|%x", "%s %s", "a", "%#g", "% x", "%+x", "%#.3x", "%08x", "%-08x|", "%+.1e", "%.*f", "%*d", "%.10r", "%n", "%1$s", "%é", "%a|%r", "%.3a", "%+c", "%05c", "%-5c|", "%#e", "%#.0e", "% .1f", "%(a)5d|%(b)s", "%((a))s", "%(a", "%()s", "%(a)s %s", "%*s|", "%.*s", "%+ d", "% +d", "%0-5d|", "%.0d", "%#X", "%05.1f", "%-05.1f|", "%05x", "%#010x", "%+.3d", "%99999999999999999999d", "%.99999999999999999999f"]
PERCENT_VALUES = [0, 1, -1, 42, -42, 255, 2**63 - 1, -(2**63), True, 1.0, -1.5, 1e16, 123456.789, 9.25e18, 1e22, INF, NAN, "", "abc", "é", "a", None, [1], {"a": 1}, (1, 2), (5, 2.5), (1,), ()]


def percents():
    for text in PERCENTS:
        for v in PERCENT_VALUES:
            try:
                yield field(text), value(v), "s" + field(text % v)
            except (ValueError, OverflowError, TypeError, KeyError) as error:
                yield field(text), value(v), "!" + field(str(error))

# --- YAML -------------------------------------------------------------------------------------------------------------

SCALARS = [t for t in dict.fromkeys(NUMBERS + WORDS + [w.upper() for w in WORDS] + [w.capitalize() for w in WORDS] + """1:30 190:20:30 1:60 1:5:5.5 0:0 +1:30 -1:30 1_0:30 0o17 017 08 0b11 0b 0x1f 0x 0x_ 0b_ 0_ 0__ +0x1f -0b11
.inf -.inf +.inf .INF .Inf .nan .NaN .NAN -.nan 1e3 1.e3 1.e+3 1.5e+3 1.5e3 1.5E-3 .5e+3 .5e3 ._5 1_000.5 1._5 _1 1_ 1__0 +.5 -.5 . .. - -- + 1.5_ 12e03 -2E+05 685230.15 685_230.15 190:20:30.15 2001-12-14 2001-12-14T21:59:43Z 2001-1-1 << = ~ Null nULL tRUE oN
9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 0x7fffffffffffffff 0xffffffffffffffff 0777 00 000 0777777777777777777777 1e400 1.0e+400 -1.0e+400 1.e-400 0.1 .1 1. 10. é 1é ０""".split())
           if not any("\ud800" <= c < "\ue000" for c in t)]


def yaml_scalars():
    for text in SCALARS:
        try:
            node = yaml.compose(text, Loader=yaml.CSafeLoader)
            if not isinstance(node, yaml.ScalarNode) or node.value != text or node.style:
                continue
            if "timestamp" in node.tag:
                # Ansible's loader makes dates of these; Drover keeps their text.
                yield field(text), value(text)
                continue
            yield field(text), kept(text, yaml.load(text, Loader=yaml.CSafeLoader))
        except (yaml.YAMLError, ValueError):
            yield field(text), "!"

YAML_WRITTEN = [v for v in WRITTEN if not (isinstance(v, str) and "\ud800" <= v[:1] < "\ue000")] + [
    "yes", "No", "on", "~", "null", "1", "1.5", "1e3", "0x1f", "017", "1:30", "2001-12-14", "2001-12-14 21:59:43", ".inf", "=", "<<", "-", "- a", "-a", "?", "? a", ":", "a: b", "a:b", ": a", "#", "a #b", "a#b", "#a", "[a]", "{a}", "a, b", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`",
    "'a'", '"a"', " a", "a ", "a\nb", "a\n", "\na", "a\n\nb", "a \nb", "a\n b", "a\tb", "\ta", "a\t", "---", "--- a", "...", "a b " * 30, "x" * 200, "word " * 40 + "end", "a" * 70 + " b" * 20, "two  blanks " * 12, "é " * 60, "\x07bell " * 20, "line one\nline two\n" * 4,
    {"a b": 1}, {"a: b": 1}, {"x" * 130: 1}, {"a\nb": 1}, {"": 1}, {"yes": 1}, {"1": 1}, {"k": "v" * 100}, {"list": ["a" * 30] * 6}, {"a": [1, 2], "b": {"c": [3, {"d": 4}]}}, [[1, 2], [3, [4, 5]], []], [{"a": 1, "b": 2}, {"c": [1]}], {"a": {"b": {"c": {"d": 1}}}}, ["w" * 20] * 10,
    {"t": "multi\nline", "e": "", "n": None}, {"a": "text with: colon", "b": "# no comment"}, {"deep": [[[["x"]]]]}, [None, True, 1.0, "1.0"], {"z": 1, "y": {"x": 2, "w": 3}}, {(1, 2): 3}, {"a": ()}, (1, "b"),
]
YAML_LAYOUTS = [{}, {"default_flow_style": False}, {"default_flow_style": True}, {"default_flow_style": False, "indent": 4}, {"default_flow_style": False, "indent": 2, "width": 40}, {"default_flow_style": False, "sort_keys": False}, {"default_style": '"'}, {"default_style": "'"},
                {"explicit_start": True, "explicit_end": True}, {"default_flow_style": False, "width": 1000}, {"indent": 20, "width": 3}, {"default_flow_style": False, "default_style": "|"}, {"default_flow_style": False, "default_style": ">"}, {"allow_unicode": False}, {"canonical": True}]


def yaml_written():
    for v in YAML_WRITTEN:
        row = [value(v)]
        for layout in YAML_LAYOUTS:
            try:
                row.append(field(core.to_yaml(v, **{"default_flow_style": None, **layout}) if "allow_unicode" not in layout
                                 else yaml.dump(v, Dumper=yaml.CSafeDumper, **layout)))
            except Exception as error:
                row.append("!" + field(str(error).splitlines()[0]))
        yield row

# --- dates ------------------------------------------------------------------------------------------------------------

MOMENTS = [0, 1, -1, 86399, 951782400, 1e9, 1714566600, 1709164800, 1735689599, 1711846800, 1729990800, 253402300799, -62135596800, 4102444800.5, -0.5]
DATE_FORMATS = ["%Y-%m-%d %H:%M:%S", "%a %A %b %B %d %e %j", "%I:%M %p %y %C", "%U %W %V %G %u %w", "%z %Z", "%c|%x|%X|%D|%F|%T|%R", "%%|%n|%t|%h", "", "a", "%Y%"]
ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"]


def dates():
    """Seconds, the zone's seconds ahead and name then, a format, and what `strftime` gives."""
    for zone in ZONES:
        os.environ["TZ"] = zone
        time.tzset()
        for seconds in MOMENTS:
            parts = time.localtime(seconds)
            for text in DATE_FORMATS:
                yield value(float(seconds)), str(parts.tm_gmtoff), parts.tm_zone, field(text), field(time.strftime(text, parts))

DATE_TEXTS = [("2024-05-01 12:30:00", "%Y-%m-%d %H:%M:%S"), ("2024-02-30", "%Y-%m-%d"), ("2024-02-29", "%Y-%m-%d"), ("2023-02-29", "%Y-%m-%d"), ("1/2/24", "%d/%m/%y"), ("1/2/69", "%d/%m/%y"), ("1/2/68", "%d/%m/%y"),
              ("12 PM", "%I %p"), ("12 AM", "%I %p"), ("1 pm", "%I %p"), ("13 PM", "%I %p"), ("2024-060", "%Y-%j"), ("2024-366", "%Y-%j"), ("2023-366", "%Y-%j"), ("May 1 2024", "%b %d %Y"), ("may 01 2024", "%B %d %Y"),
              ("Wed, 01 May 2024", "%a, %d %b %Y"), ("Wednesday 1 May 2024", "%A %d %b %Y"), ("Thu, 01 May 2024", "%a, %d %b %Y"), ("12:30:00.5", "%H:%M:%S.%f"), ("12:30:00.123456", "%H:%M:%S.%f"), ("12:30:00.1234567", "%H:%M:%S.%f"),
              ("2024-05-01T12:30:00Z", "%Y-%m-%dT%H:%M:%SZ"), ("2024-05-01 x", "%Y-%m-%d"), ("2024", "%Y"), ("24", "%Y"), ("0000", "%Y"), ("9999-12-31", "%Y-%m-%d"), ("2024-13-01", "%Y-%m-%d"), ("2024-00-01", "%Y-%m-%d"), ("25:00", "%H:%M"),
              ("23:59:60", "%H:%M:%S"), ("23:59:61", "%H:%M:%S"), ("23:59:62", "%H:%M:%S"), ("100%", "100%%"), (" 2024", "%Y"), ("2024  05", "%Y %m"), ("202405", "%Y%m"), ("20245", "%Y%m"), ("", ""), ("a", ""), ("", "%Y"), ("2024-5-1", "%Y-%m-%d"), ("x2024", "x%Y"), ("2024", "%Q")]


def date_texts():
    """A text, a format, and the seconds since 1970 of the date that `strptime` reads, which has no zone."""
    for text, shape in DATE_TEXTS:
        try:
            moment = datetime.datetime.strptime(text, shape)
            yield field(text), field(shape), value((moment - datetime.datetime(1970, 1, 1)).total_seconds())
        except ValueError:
            yield field(text), field(shape), "!"

FILES = {
    "dates.tsv": dates, "date-texts.tsv": date_texts,
    "json-read.tsv": json_read, "json-written.tsv": json_written, "texts.tsv": texts, "printable.tsv": printable, "booleans.tsv": booleans, "literals.tsv": literals,
    "numbers.tsv": number_texts, "escapes.tsv": escapes, "formats.tsv": formats, "percents.tsv": percents, "yaml-scalars.tsv": yaml_scalars, "yaml-written.tsv": yaml_written,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FILES:
        write(name, FILES[name]())
