"""How the recorded files spell values: by none of the notations under test.

A field is ASCII without tabs: every byte but 0x21...0x7E and '%' is written as '%' and two hexadecimal digits; a space stays.
A value is `n`, `t`, `f`, `i` and digits, `d` and the sixteen hexadecimal digits of the float's bits, `s` and a field,
`[a,b]`, `(a,b)` or `{k:v,k:v}`; in texts `,:[](){}` are written as `%2C` and so on.
"""

import struct


def field(text, more=""):
    # Half a surrogate pair is no text to Drover: U+FFFD stands for it.
    data = text if isinstance(text, bytes) else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    return "".join(chr(b) if 0x20 <= b <= 0x7E and chr(b) not in "%" + more else "%%%02X" % b for b in data)


def value(v):
    if v is None:
        return "n"
    if v is True or v is False:
        return "t" if v else "f"
    if isinstance(v, int):
        # Beyond 64 bits a number is the text of its digits in Drover.
        return ("i%d" if -(2**63) <= v < 2**63 else "s%d") % v
    if isinstance(v, float):
        return "d" + ("7FF8000000000000" if v != v else struct.pack(">d", v).hex().upper())
    if isinstance(v, str):
        return "s" + field(v, ",:[](){}")
    if isinstance(v, (list, set, frozenset)):
        return "[" + ",".join(map(value, v)) + "]"
    if isinstance(v, tuple):
        return "(" + ",".join(map(value, v)) + ")"
    if isinstance(v, dict):
        return "{" + ",".join(value(k) + ":" + value(w) for k, w in v.items()) + "}"
    raise TypeError(type(v))


def write(name, rows):
    """One case a line, its fields separated by tabs."""
    with open(name, "w") as out:
        for row in rows:
            out.write("\t".join(row) + "\n")
