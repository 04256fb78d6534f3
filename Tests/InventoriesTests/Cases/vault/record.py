"""Records what ansible-vault writes and what ansible-inventory shows of it: python3 record.py FOLDER-OF-ANSIBLE'S-PROGRAMS"""
import base64, json, os, pathlib, shutil, subprocess, sys

here = pathlib.Path(__file__).resolve().parent
programs = sys.argv[1]
passwords = {"default": "correct horse", "prod": "pröd 'battery' staple", "dev": "dev \"one\"  "}


def run(*words, **more):
    result = subprocess.run([f"{programs}/{words[0]}", *map(str, words[1:])], capture_output=True, cwd=here, **more)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


(here / "passwords").mkdir(exist_ok=True)
for name, text in passwords.items():
    (here / "passwords" / name).write_text(text + "\n")


def ids(*names):
    return [word for name in names for word in ("--vault-id", f"{name}@passwords/{name}")]


def sealed(text, name):
    extra = ["--encrypt-vault-id", name]
    return run("ansible-vault", "encrypt", *ids(name), *extra, "--output", "-", "-", input=text).decode()


texts = [b"x", b"15 bytes long..", b"16 bytes long...", b"17 bytes long....", b"line one\nline two\n", b"no newline at the end",
         "Zürich, 東京\n".encode(), b"windows\r\nlines\r\n", bytes(range(256)), b"long " * 2000,
         b"{{ template }} \"quoted\" 'single' \\back\n"]
with open(here / "texts.jsonl", "w") as file:
    for index, text in enumerate(texts):
        name = list(passwords)[index % 3]
        line = {"id": name, "password": passwords[name].strip(), "sealed": sealed(text, name),
                "plain": base64.b64encode(text).decode()}
        file.write(json.dumps(line) + "\n")

inventory = here / "inventory"
shutil.rmtree(inventory, ignore_errors=True)
for folder in ("group_vars/all", "host_vars"):
    (inventory / folder).mkdir(parents=True)


def scalar(text, name):
    return "!vault |\n" + "".join(f"          {line}\n" for line in sealed(text.encode(), name).splitlines())


(inventory / "hosts.yml").write_text("""web:
  hosts:
    web1: {ansible_host: 192.0.2.1}
    web2:
      ansible_host: 192.0.2.2
      token: """ + scalar("token of web2", "dev") + """db:
  hosts: {db1: }
""")
(inventory / "group_vars/all/plain.yml").write_text("db_url: \"mysql://app:{{ vault_db_password }}@db1/app\"\n")
(inventory / "group_vars/all/vault.yml").write_text(sealed(
    b"vault_db_password: s3cret-of-all\nvault_port: 54321987\nvault_list: [first secret, {inner: second secret}]\n",
    "default"))
(inventory / "group_vars/web.yml").write_text(
    "api_key: " + scalar("key for web\n", "prod") + "greeting: " + scalar("hello {{ inventory_hostname }}", "prod")
    + "nested:\n  - password: " + scalar("deep secret", "dev"))
(inventory / "host_vars/db1.yml").write_text(sealed(b"root_password: toor-toor\n", "prod"))
shown = [*ids(*passwords), "-i", "inventory/hosts.yml"]
(here / "list.json").write_bytes(run("ansible-inventory", *shown, "--list"))
for host in ("web1", "web2", "db1"):
    (here / f"{host}.json").write_bytes(run("ansible-inventory", *shown, "--host", host))
values = {}
for host in ("web1", "web2", "db1"):
    for expression in ("db_url", "api_key", "greeting", "nested", "token", "root_password", "vault_list"):
        answer = subprocess.run(
            [f"{programs}/ansible", *shown, host, "-c", "local", "-m", "debug", "-a", f"var={expression}", "-o"],
            capture_output=True, cwd=here).stdout.decode()
        value = json.loads(answer.split("=>", 1)[1])[expression]
        if "is undefined" not in str(value):
            values[f"{host} {expression}"] = value
(here / "values.json").write_text(json.dumps(values, indent=1) + "\n")
(here / "whole.yml").write_text(sealed(b"all:\n  hosts:\n    one: {secret_word: abracadabra}\n", "default"))
(here / "whole.ini").write_text(sealed(b"[web]\none secret_word=abracadabra\n", "default"))

files = here / "files"
files.mkdir(exist_ok=True)
for name, text in {
    "vars.yml": "from_vars_file: word of the vars file\n",
    "more.yml": "from_include: word of the included file\n",
    "tasks.yml": "- copy: {content: '{{ from_vars_file }}, {{ from_include }}\\n', dest: '{{ folder }}/tasks'}\n",
    "plain.txt": "word of the text file\n",
    "form.j2": "{{ from_vars_file }} in word of the template\n",
    "play.yml": "- hosts: all\n  gather_facts: false\n  vars_files: [vars.yml]\n  tasks:\n"
                "    - include_vars: more.yml\n"
                "    - import_tasks: tasks.yml\n"
                "    - copy: {src: plain.txt, dest: '{{ folder }}/plain'}\n"
                "    - template: {src: form.j2, dest: '{{ folder }}/form'}\n"
                "    - debug: {msg: \"{{ lookup('file', 'plain.txt') }}\"}\n",
}.items():
    (files / name).write_text(sealed(text.encode(), "prod"))
