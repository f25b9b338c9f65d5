#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The documents say nothing that the program does not know.

    docs_check.py SLUICE

Read are README.md, app/guide/*.md, app/man/*.in and scripts/packaging/sluice.conf. SLUICE, the
program itself, is asked what it knows (--document) and what it takes (--syntax).

- Statements: a block of code (indented by four, fenced, .EX in a manual page) one of whose lines
  begins as a statement does holds statements, and all of its lines are read; blocks that are
  output, or another program's file, are fenced as ```text, those of a shell as ```console. So are read what follows sluicectl and
  "lab.sh ctl" on any line of code, `code` within text that begins as a statement, which may break
  off, and in sluice.conf also what is switched off by a # at once before it. What contains a place
  holder (CAPITALS, ..., |, [) is left out.
- Options: behind "sluice ... --" and in `--code`.
- Counters: each word that looks like one is one, and app/guide/packet-path.md has all of them.
- Log lines: a line of code that begins with "sluice: " is one that app/ or lib/ can log; what an
  argument stands for is one of the program's reasons where these have a table of their own.
- Files: each `name.c`, .h, .sh, .py, .md and .def exists.

Prints each offence as file:line: text; exit status 1 when there are any.
"""
import fnmatch
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLE = "scripts/packaging/sluice.conf"
DRAWING = "app/guide/packet-path.md"
OTHERS = "app/guide/pktgen.md"  # speaks of other programs' options
NO_COMMANDS = ("text", "c", "make", "python", "yaml", "json", "ini")
NO_STATEMENTS = NO_COMMANDS + ("console", "sh")
PLACE_HOLDER = re.compile(r"(^|[\s:/@\"'])[A-Z][A-Z0-9-]+($|[\s:/@\"'\]])|\.\.\.|[|\[<]")
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")

sluice = os.path.abspath(sys.argv[1])
offences = 0


def offence(path, line, text):
    global offences
    offences += 1
    print(f"{path}:{line}: {text}")


def ask(*words):
    return subprocess.run([sluice, *words], capture_output=True, text=True, check=True).stdout


def plain(roff):
    return re.sub(r"\\f[BIRP]|\\&", "", roff).replace(r"\-", "-").replace(r"\e", "\\")


def documented(part):
    """The terms of a part of the manual: what stands in the line behind each .TP."""
    lines = ask("--document", part).splitlines()
    terms = [plain(lines[i + 1]) for i, line in enumerate(lines) if line == ".TP"]
    return [re.sub(r"^\.[BI] ", "", term) for term in terms]


def sources():
    names = ["README.md", EXAMPLE]
    for pattern in ("app/guide/*.md", "app/man/*.in"):
        names += sorted(glob.glob(pattern, root_dir=ROOT))
    for name in names:
        with open(os.path.join(ROOT, name), encoding="utf-8") as f:
            yield name, f.read().splitlines()


def blocks_of_text(lines):
    """Blocks of code in Markdown: (language, list of (line, text))."""
    block, fence, before = [], None, ""
    for n, line in enumerate(lines, 1):
        mark = re.match(r"\s*```(\w*)", line)
        if mark:
            yield fence or "", block
            block, fence = [], (mark.group(1) if fence is None else None)
        elif fence is not None:
            block.append((n, line))
        elif line.startswith("    ") and (block or before == ""):
            block.append((n, line[4:]))
        elif block and line != "":
            yield "", block
            block = []
        before = line
    yield "", block


def blocks_of_page(lines):
    """Examples in a manual page."""
    block = None
    for n, line in enumerate(lines, 1):
        if line == ".EX":
            block = []
        elif line == ".EE":
            yield "", block
            block = None
        elif block is not None and not line.startswith("@"):
            block.append((n, plain(line)))


def without_comment(text):
    return re.sub(r"(^|\s)#(\s.*)?$", "", text).strip()


def sent(text):
    """The statement that a line of a shell gives to sluicectl, or None."""
    found = re.search(r"(?:^|[\s(`/])(?:sluicectl|lab\.sh ctl)(\s.*|$)", text)
    if not found:
        return None
    lexer = shlex.shlex(found.group(1).split("`")[0], posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    words = []
    try:
        for word in lexer:
            if set(word) <= set("|&;<>()"):
                break
            words.append(word)
    except ValueError:
        pass  # a quote that is never closed, as in "lab's"
    while words and words[0].startswith("-"):
        if words[0] in ("-f", "-c"):
            return None
        words = words[2:] if words[0] == "-s" else words[1:]
    if not words:
        return None
    if len(words) == 1:
        return words[0]
    return " ".join(f'"{w}"' if re.search(r"[\s#]", w) else w for w in words)


def statements(name, lines, first):
    """(line, statement, is it only part of one or one of several) of a file: the others first, in
    the order in which they stand, since they make one configuration."""
    found = []

    def begins(text):
        return text.split(None, 1)[0] in first if text.split() else False

    def take(n, text, part=False):
        if text and not PLACE_HOLDER.search(re.sub(r"\[[0-9a-f:]+\]", "", text)):
            found.append((n, text, part))

    if name == EXAMPLE:
        for n, line in enumerate(lines, 1):
            take(n, re.sub(r"^#(?=\S)", "", line) if not line.startswith("# ") else "")
        return found
    blocks = blocks_of_text(lines) if name.endswith(".md") else blocks_of_page(lines)
    for language, block in blocks:
        if language in NO_COMMANDS:
            continue
        texts = [(n, without_comment(text)) for n, text in block]
        holds = language not in NO_STATEMENTS and any(begins(text) for _, text in texts)
        for n, text in block if holds else []:
            comment = (re.findall(r"\s#\s+(.*)", text) or [""])[0]
            for other in SPAN.findall(comment) + re.findall(r"^or: (.*)", comment):
                if begins(other):
                    take(n, other, True)
        for n, text in texts:
            told = sent(text)
            if told is not None:
                take(n, told)
            elif holds and not re.match(r"(\$ |# |sudo |\S*/|\w+=)", text):
                take(n, text)
    if name.endswith(".md"):
        for n, line in enumerate(lines, 1):
            for span in SPAN.findall(line) if not line.startswith("    ") else []:
                told = sent(span)
                if told is not None or (begins(span) and len(span.split()) > 1):
                    take(n, told if told is not None else span, True)
    return sorted(found, key=lambda f: (f[2], f[0]))


def check_statements(name, lines, first):
    said = statements(name, lines, first)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "said")
        while said:
            with open(path, "w", encoding="utf-8") as f:
                f.write("".join(text + "\n" for _, text, _ in said))
            run = subprocess.run([sluice, "--syntax", path], capture_output=True, text=True)
            wrong = re.findall(r"said:(\d+): (.*)", run.stderr)
            for at, why in wrong:
                n, text, part = said[int(at) - 1]
                if not part or ("expected" in why and not why.startswith("after '")):
                    offence(name, n, f"'{text}' is no statement of this program: {why}")
            if run.returncode != 0 and not wrong:
                offence(name, 1, f"--syntax failed: {run.stderr.strip()}")
            # After too many wrong lines the rest was not read.
            stopped = int(wrong[-1][0]) if "too many" in run.stderr else len(said)
            said = said[stopped:]
    return


def check_options(name, lines, own, all_known):
    for n, line in enumerate(lines, 1):
        line = plain(line)
        run = re.search(r"(?:^|\s)sluice (.*?)\s--\s(.*)", line)
        if run:
            for word in re.split(r"\s[|>;&#]", run.group(2))[0].split():
                if re.match(r"--?[a-zA-Z0-9]", word) and word.split("=")[0] not in own:
                    offence(name, n, f"'{word}' is no option of sluice")
        for span in SPAN.findall(line) if name.endswith(".md") and name != OTHERS else []:
            word = span.split()[0].split("=")[0]
            if re.fullmatch(r"--[a-z][a-z0-9-]*", word) and word not in all_known:
                offence(name, n, f"'{word}' is an option of nothing here")


def check_counters(name, lines, counters):
    begin = {c[: c.index("_") + 1] for c in counters if "_" in c}
    for n, line in enumerate(lines, 1):
        line = plain(line)
        for word, star, behind in re.findall(
            r"(?<![\w/.<>-])([a-z]+[0-9]?_[a-z0-9_]*)(\*?)(\.\w|[(/=]|\w)?", line
        ):
            if behind or not any(word.startswith(b) for b in begin):
                continue
            if word not in counters and not (star and any(c.startswith(word) for c in counters)):
                offence(name, n, f"there is no counter '{word}{star}'")


def check_drawing(counters):
    path = os.path.join(ROOT, DRAWING)
    if not os.path.exists(path):
        offence(DRAWING, 1, "is missing")
        return
    with open(path, encoding="utf-8") as f:
        words = set(re.findall(r"[a-z0-9_]+", f.read()))
    for counter in counters:
        if counter not in words:
            offence(DRAWING, 1, f"counter '{counter}' has no place in the drawing: put it where "
                    "the packet is when it is counted")


def check_files(name, lines):
    known = set()
    for top in ("app", "helpers", "lib", "scripts", "tests"):
        for _, _, files in os.walk(os.path.join(ROOT, top)):
            known.update(files)
    known.update(os.listdir(ROOT))
    for n, line in enumerate(lines, 1):
        for span in SPAN.findall(line):
            if re.fullmatch(r"(?!dpdk)[\w*/.-]+\.(c|h|sh|py|md|def)", span):
                if not fnmatch.filter(known, os.path.basename(span)):
                    offence(name, n, f"there is no file '{span}'")


def formats(call):
    """The formats of all calls of a macro in the program, as regular expressions."""
    for path in glob.glob(os.path.join(ROOT, "app/*.c")) + glob.glob(os.path.join(ROOT, "lib/*.c")):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for found in re.finditer(call + r'\([^,"]+,\s*((?:"(?:\\.|[^"\\])*"\s*)+)', text):
            literal = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', found.group(1)))
            expression = re.escape(literal.replace('\\"', '"').replace("%%", "\0"))
            expression = re.sub(r"%[0-9.*\\-]*[a-z]+", "(.+)", expression).replace("\0", "%")
            # What consists of arguments would fit anything.
            if len(re.findall("[a-z]", expression.replace("(.+)", ""))) > 8:
                yield expression


def check_log_lines(name, lines, said, reasons):
    for n, line in enumerate(lines, 1):
        line = line.strip()
        if not line.startswith("sluice: ") or not name.endswith(".md"):
            continue
        line = line.removeprefix("sluice: ")
        if not any(re.fullmatch(s, line) for s in said):
            offence(name, n, f"nothing logs '{line}'")
        because = re.search(r"hand-off by software: (.*)", line)
        if because and not any(re.fullmatch(r, because.group(1)) for r in reasons):
            offence(name, n, f"steer.c knows no reason '{because.group(1)}'")


def options_of_others():
    """Of EAL as it says itself, of our scripts as they are written."""
    known = set(re.findall(r"--[a-z][a-z0-9-]*", ask("-h")))
    for path in glob.glob(os.path.join(ROOT, "scripts/*.sh")) + glob.glob(
        os.path.join(ROOT, "tests/**/*.sh"), recursive=True
    ) + glob.glob(os.path.join(ROOT, "tests/bench/*")):
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as f:
                known.update(re.findall(r"--[a-z][a-z0-9-]*", f.read()))
    return known


def main():
    counters = documented("counters")
    first = set()
    for pattern in documented("statements") + documented("commands"):
        first.update(pattern.split()[0].split("|"))
    own = set()
    for term in documented("options"):
        own.update(word for word in re.split(r"[ ,]+", term) if word.startswith("-"))
    known = own | options_of_others()
    said, reasons = list(formats("SL_LOG")), list(formats("BECAUSE"))
    for name, lines in sources():
        check_log_lines(name, lines, said, reasons)
        check_statements(name, lines, first)
        check_options(name, lines, own, known)
        check_counters(name, lines, counters)
        if name.endswith(".md"):
            check_files(name, lines)
    check_drawing(counters)
    return offences > 0


if __name__ == "__main__":
    sys.exit(main())
