#!/usr/bin/env python3
"""Records what Ansible's own modules do to one file, as the cases beside this script.

usage: record.py PYTHON-WITH-ANSIBLE-CORE [--fuzz SEED COUNT FILE]

Each case is a file CASE.json with the module, its arguments (without `path`), the text before (null: no file) and what
Ansible made of it: text, mode, whether it changed or failed, and its message. With --fuzz, random cases go to one FILE.
"""
import json, os, random, subprocess, sys, tempfile

SSHD = "# sshd\nPort 22\n#PermitRootLogin yes\nAcceptEnv LANG LC_*\nSubsystem sftp /usr/lib/sftp-server\nMatch User x\n  X11 no\n"
CASES = {
    "line-replaces-match": ("lineinfile", {"regexp": "^Port ", "line": "Port 2022"}, SSHD),
    "line-replaces-last-match": ("lineinfile", {"regexp": "^a", "line": "new"}, "a1\nb\na2\nc\n"),
    "line-replaces-first-match": ("lineinfile", {"regexp": "^a", "line": "new", "firstmatch": True}, "a1\nb\na2\nc\n"),
    "line-optional-comment": ("lineinfile", {"regexp": "^#?PermitRootLogin", "line": "PermitRootLogin no"}, SSHD),
    "line-appended": ("lineinfile", {"regexp": "^MaxAuthTries", "line": "MaxAuthTries 3"}, SSHD),
    "line-there-already": ("lineinfile", {"line": "Port 22"}, SSHD),
    "line-there-twice": ("lineinfile", {"line": "x"}, "x\ny\nx\n"),
    "line-pattern-misses-but-line-is-there": ("lineinfile", {"regexp": "^nothing", "line": "y"}, "x\ny\n"),
    "line-after": ("lineinfile", {"line": "AcceptEnv EDITOR", "insertafter": "^AcceptEnv"}, SSHD),
    "line-after-last": ("lineinfile", {"line": "new", "insertafter": "^a"}, "a\nb\na\nc\n"),
    "line-after-first": ("lineinfile", {"line": "new", "insertafter": "^a", "firstmatch": True}, "a\nb\na\nc\n"),
    # Not recorded: insertafter on a last line without newline, where Ansible glues both lines together.
    "line-after-missing": ("lineinfile", {"line": "new", "insertafter": "^nothing"}, "a\nb\n"),
    "line-after-eof": ("lineinfile", {"line": "new", "insertafter": "EOF"}, "a\nb"),
    "line-after-bof": ("lineinfile", {"line": "new", "insertafter": "BOF"}, "a\nb\n"),
    "line-before": ("lineinfile", {"line": "# guests", "insertbefore": "^Match "}, SSHD),
    "line-before-bof": ("lineinfile", {"line": "## kept", "insertbefore": "BOF"}, SSHD),
    "line-before-missing": ("lineinfile", {"line": "new", "insertbefore": "^nothing"}, "a\n"),
    "line-regexp-and-after": ("lineinfile", {"line": "k=2", "regexp": "^k=", "insertafter": "^\\[s\\]"}, "[s]\nz=1\n[t]\n"),
    "line-regexp-and-after-match": ("lineinfile", {"line": "k=2", "regexp": "^k=", "insertafter": "^\\[t\\]"}, "[s]\nk=1\n[t]\n"),
    "line-backrefs": ("lineinfile", {"regexp": "^(Subsystem\\s+sftp\\s+).*sftp-server$", "line": "\\1internal-sftp", "backrefs": True}, SSHD),
    "line-backrefs-miss": ("lineinfile", {"regexp": "^(Nothing) (here)$", "line": "\\2 \\1", "backrefs": True}, SSHD),
    "line-backrefs-named": ("lineinfile", {"regexp": "^(?P<key>Port) (?P<n>\\d+)", "line": "\\g<key>=\\g<n>0", "backrefs": True}, SSHD),
    "line-backrefs-again": ("lineinfile", {"regexp": "^(a+)(.*)", "line": "\\1x", "backrefs": True}, "aaab\n"),
    "line-backslashes-without-backrefs": ("lineinfile", {"regexp": "^a", "line": "\\1 \\n \\d"}, "a\n"),
    "line-search-string": ("lineinfile", {"search_string": "Port 2", "line": "Port 23"}, SSHD),
    "line-search-string-literal": ("lineinfile", {"search_string": "a.c", "line": "x"}, "abc\na.c\n"),
    "line-absent-regexp": ("lineinfile", {"regexp": "LC_", "state": "absent"}, SSHD),
    "line-absent-line": ("lineinfile", {"line": "b", "state": "absent"}, "a\nb\nbb\nb\n"),
    "line-absent-search": ("lineinfile", {"search_string": "b", "state": "absent"}, "a\nb\nbb\nb\n"),
    "line-absent-nothing": ("lineinfile", {"regexp": "zz", "state": "absent"}, "a\n"),
    "line-absent-no-file": ("lineinfile", {"regexp": "zz", "state": "absent"}, None),
    "line-no-file": ("lineinfile", {"line": "x"}, None),
    "line-create": ("lineinfile", {"line": "x", "create": True, "mode": "0640"}, None),
    "line-empty-file": ("lineinfile", {"line": "x"}, ""),
    "line-no-final-newline": ("lineinfile", {"line": "x"}, "a"),
    "line-same-but-no-newline": ("lineinfile", {"line": "a"}, "a"),
    "line-crlf": ("lineinfile", {"line": "a"}, "a\r\nb\r\n"),
    "line-crlf-regexp": ("lineinfile", {"regexp": "^a$", "line": "x"}, "a\r\nb\r\n"),
    "line-mode-only": ("lineinfile", {"line": "a", "mode": "0600"}, "a\n"),
    "line-mode-and-line": ("lineinfile", {"line": "b", "mode": "u=rw,go="}, "a\n"),
    "line-unicode": ("lineinfile", {"regexp": "^gr.*n", "line": "grün ✓"}, "rot\ngrün\n"),
    "line-inline-flag": ("lineinfile", {"regexp": "(?i)^PORT", "line": "x"}, SSHD),
    "line-lookahead": ("lineinfile", {"regexp": "^Port (?!2022)", "line": "Port 2022"}, SSHD),
    "line-brace-literal": ("lineinfile", {"regexp": "^x{y}$", "line": "z"}, "x{y}\nw\n"),
    "line-bracket-in-set": ("lineinfile", {"regexp": "^[[a]b", "line": "z"}, "[b\nw\n"),
    "line-set-operators": ("lineinfile", {"regexp": "^[a&b-]+$", "line": "z"}, "a&b-\nw\n"),
    "line-quantifier": ("lineinfile", {"regexp": "^a{2,3}$", "line": "z"}, "a\naa\naaaa\n"),
    "line-space-class": ("lineinfile", {"regexp": "^k\\s*=\\s*\\S+", "line": "k = 2"}, "k\t= 1\n"),
    "line-end-of-string": ("lineinfile", {"regexp": "b\\Z", "line": "z"}, "ab\nab"),
    "line-multi": ("lineinfile", {"line": "one\ntwo", "insertafter": "^a"}, "a\nb\n"),
    "block-new": ("blockinfile", {"block": "zone = 1\nmesh = on\n"}, "a\nb\n"),
    "block-same": ("blockinfile", {"block": "x"}, "a\n# BEGIN ANSIBLE MANAGED BLOCK\nx\n# END ANSIBLE MANAGED BLOCK\nb\n"),
    "block-other": ("blockinfile", {"block": "y\nz"}, "a\n# BEGIN ANSIBLE MANAGED BLOCK\nx\n# END ANSIBLE MANAGED BLOCK\nb\n"),
    "block-after": ("blockinfile", {"block": "x", "insertafter": "^l"}, "l1\nl2\nm\n"),
    "block-before": ("blockinfile", {"block": "x", "insertbefore": "^m", "marker": "; {mark} z"}, "l1\nl2\nm\nm\n"),
    "block-bof": ("blockinfile", {"block": "x", "insertbefore": "BOF"}, "l\n"),
    "block-removed": ("blockinfile", {"state": "absent"}, "a\n# BEGIN ANSIBLE MANAGED BLOCK\nx\n# END ANSIBLE MANAGED BLOCK\nb\n"),
    "block-empty-removes": ("blockinfile", {"block": ""}, "a\n# BEGIN ANSIBLE MANAGED BLOCK\nx\n# END ANSIBLE MANAGED BLOCK\n"),
    "block-never-there": ("blockinfile", {"state": "absent"}, "a\n"),
    "block-no-newline": ("blockinfile", {"block": "x"}, "a"),
    "block-markers": ("blockinfile", {"block": "x", "marker": "<!-- {mark} -->", "marker_begin": "B", "marker_end": "E"}, "a\n"),
    "block-set-apart": ("blockinfile", {"block": "x", "insertafter": "^a", "append_newline": True, "prepend_newline": True}, "a\nb\n"),
    "block-no-file": ("blockinfile", {"block": "x"}, None),
    "block-absent-no-file-create": ("blockinfile", {"state": "absent", "create": True}, None),
    "block-absent-no-file": ("blockinfile", {"state": "absent"}, None),
    "block-create": ("blockinfile", {"block": "one\ntwo", "create": True, "mode": "0600"}, None),
    "block-half": ("blockinfile", {"block": "y"}, "a\n# BEGIN ANSIBLE MANAGED BLOCK\nx\n"),
    "replace-groups": ("replace", {"regexp": r"^addr = 10\.1\.1\.(\d+)$", "replace": r"addr = 10.2.0.\1"}, "addr = 10.1.1.7\naddr = 10.1.1.70\nx\n"),
    "replace-none": ("replace", {"regexp": "no such", "replace": "never"}, "a\n"),
    "replace-all": ("replace", {"regexp": "a", "replace": "b"}, "banana\nana\n"),
    "replace-removes": ("replace", {"regexp": "^#.*\n"}, "# c\nx\n#d\n"),
    "replace-between": ("replace", {"regexp": "red", "replace": "RED", "after": "begin", "before": "end"}, "begin\nred green\nend\nred\n"),
    "replace-after": ("replace", {"regexp": "red", "replace": "RED", "after": "begin"}, "red\nbegin\nred\n"),
    "replace-before": ("replace", {"regexp": "red", "replace": "RED", "before": "end"}, "red\nend\nred\n"),
    "replace-between-missing": ("replace", {"regexp": "red", "replace": "RED", "after": "nope"}, "red\n"),
    "replace-named": ("replace", {"regexp": r"(?P<a>\w+)=(?P<b>\w+)", "replace": r"\g<b>=\g<a>"}, "x=1\ny=zwölf\n"),
    "replace-unicode": ("replace", {"regexp": "[äö]", "replace": "."}, "aäoöu\n"),
    "replace-empty-match": ("replace", {"regexp": "x*", "replace": "-"}, "axb\n"),
    "replace-no-file": ("replace", {"regexp": "a", "replace": "b"}, None),
    "replace-mode": ("replace", {"regexp": "a", "replace": "b", "mode": "0600"}, "x\n"),
}


def run(python, module, arguments, before):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        if before is not None:
            with open(path, "w", newline="") as file:
                file.write(before)
            os.chmod(path, 0o644)
        with open(os.path.join(folder, "arguments"), "w") as file:
            json.dump({"ANSIBLE_MODULE_ARGS": dict(arguments, path=path)}, file)
        done = subprocess.run(
            [python, "-m", "ansible.modules." + module, file.name], capture_output=True, text=True, umask=0o022)
        lines = done.stdout.strip().splitlines()
        # A module that crashes answers nothing.
        answer = json.loads(lines[-1]) if lines else {"failed": True, "msg": "crash"}
        case = {"module": module, "arguments": arguments, "before": before,
                "failed": bool(answer.get("failed")), "changed": bool(answer.get("changed")),
                "message": answer.get("msg", "").replace(path, "PATH")}
        if os.path.exists(path):
            with open(path, newline="") as file:
                case["after"] = file.read()
            case["mode"] = "%04o" % (os.stat(path).st_mode & 0o7777)
        return case


def fuzz(seed, count):
    chance = random.Random(seed)
    words = ["a", "b", "ab", "a=1", "b = 2", "# a", "", "  a", "[s]", "é", "a\tb", "a.b"]
    patterns = ["^a", "a$", "^a$", "b", "^#?\\s*a", "=", "^\\[s\\]", "^$", ".", "(a)(b)?", "é", "\\w+ = \\d", "[^a]", "^b|^a=", "\\bb"]
    for _ in range(count):
        before = "\n".join(chance.choice(words) for _ in range(chance.randint(0, 6))) + chance.choice(["", "\n", "\n", "\r\n"])
        module = chance.choice(["lineinfile", "lineinfile", "lineinfile", "blockinfile", "replace"])
        a = {}
        if module == "lineinfile":
            a["line"] = chance.choice(words[:6] + ["\\1x", "new", "é"])
            if chance.random() < .6:
                a["regexp"] = chance.choice(patterns)
            elif chance.random() < .3:
                a["search_string"] = chance.choice(words)
            if chance.random() < .5:
                a[chance.choice(["insertafter", "insertbefore"])] = chance.choice(patterns + ["BOF", "EOF"])
            if chance.random() < .3:
                a["firstmatch"] = True
            if chance.random() < .2:
                a["state"] = "absent"
            elif "regexp" in a and chance.random() < .2:
                a["backrefs"] = True
        elif module == "blockinfile":
            a["block"] = chance.choice(["x", "x\ny\n", "", "a"])
            a["marker"] = "# {mark}"
            if chance.random() < .3:
                before = "a\n# BEGIN\nx\n# END\n" + before
            if chance.random() < .6:
                a[chance.choice(["insertafter", "insertbefore"])] = chance.choice(patterns + ["BOF", "EOF"])
            for name in ["append_newline", "prepend_newline"]:
                if chance.random() < .3:
                    a[name] = True
            if chance.random() < .2:
                a["state"] = "absent"
        else:
            a["regexp"] = chance.choice(patterns)
            a["replace"] = chance.choice(["x", "", "\\g<0>y", "a"])
            if chance.random() < .3:
                a["after"] = chance.choice(patterns)
            if chance.random() < .3:
                a["before"] = chance.choice(patterns)
        yield module, a, before


if __name__ == "__main__":
    python = sys.argv[1]
    if sys.argv[2:3] == ["--fuzz"]:
        with open(sys.argv[5], "w") as file:
            for module, arguments, before in fuzz(int(sys.argv[3]), int(sys.argv[4])):
                file.write(json.dumps(run(python, module, arguments, before)) + "\n")
    else:
        for name, (module, arguments, before) in CASES.items():
            with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".json"), "w") as file:
                json.dump(run(python, module, arguments, before), file, indent=1, ensure_ascii=False)
                file.write("\n")
