"""manual.py PROGRAM FOLDER: writes shipit's manual pages, shipit.1 and one for each command, from what the program says of itself."""

import json
import pathlib
import re
import subprocess
import sys

program, folder = sys.argv[1], pathlib.Path(sys.argv[2])


def ask(*arguments):
    return subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def escaped(text):
    """Text as roff takes it: hyphens and apostrophes that can be copied, and nothing that is taken for a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return re.sub(r"^(?=[.'])", r"\\&", text)


def prose(text):
    """A paragraph; commands in it are set bold instead of quoted."""
    parts = re.split(r"'(shipit[^']*)'", " ".join(text.split()))
    return "".join(f"\\fB{escaped(part)}\\fR" if odd % 2 else escaped(part) for odd, part in enumerate(parts))


def discussion(text):
    """A command's longer text: paragraphs, lines that are indented and stay as they are, and the heading EXAMPLES."""
    lines, paragraph, is_literal = [], [], False
    for line in [*text.splitlines(), ""]:
        indented = line.startswith("  ")
        if (indented or not line or line == "EXAMPLES") and paragraph:
            lines += [".PP", prose(" ".join(paragraph))]
            paragraph = []
        if is_literal and line and not indented:
            lines += [".fi", ".RE"]
            is_literal = False
        if line == "EXAMPLES":
            lines.append(".SH EXAMPLES")
        elif indented:
            if not is_literal:
                lines += [".PP", ".RS 4", ".nf"]
            is_literal = True
            lines.append(escaped(line.strip()))
        elif line:
            paragraph.append(line)
    return lines + ([".fi", ".RE"] if is_literal else [])


def names(argument):
    """How an option is written: short form first."""
    dashes = {"short": "-", "long": "--", "longWithSingleDash": "-"}
    return [dashes[name["kind"]] + name["name"] for name in sorted(argument["names"], key=lambda name: name["kind"] != "short")]


def value(argument):
    return f"\\fI{escaped(argument['valueName'])}\\fR"


def synopsis(argument):
    if argument["kind"] == "positional":
        text = value(argument) + (" ..." if argument["isRepeating"] else "")
    else:
        text = f"\\fB{escaped(names(argument)[-1])}\\fR" + (f" {value(argument)}" if argument["kind"] == "option" else "")
    # Never broken between an option and its value.
    text = text.replace(" ", "\\ ")
    return f"[{text}]" if argument["isOptional"] else text


def described(argument):
    if argument["kind"] == "positional":
        head = value(argument)
    else:
        head = ", ".join(f"\\fB{escaped(name)}\\fR" for name in names(argument))
        head += f" {value(argument)}" if argument["kind"] == "option" else ""
    default = argument.get("defaultValue", ".")
    return [".TP", head, prose(argument.get("abstract", "") + ("" if default == "." else f" Default: {default}."))]


def page(command, above, further):
    """A page's lines; `further` are the pages that it points to."""
    words = [*above, command["commandName"]]
    arguments = [argument for argument in command["arguments"] if argument["shouldDisplay"]]
    usual = {"--version", "--help"}
    special = [argument for argument in arguments if argument["kind"] == "positional" or not usual & set(names(argument))]
    title = "-".join(words)
    # Neither stretched nor hyphenated: commands are to be read, and copied.
    lines = [f'.TH {escaped(title.upper())} 1 "" "shipit {escaped(version)}" "shipit"', ".nh", ".ad l", ".SH NAME"]
    lines.append(f"{escaped(title)} \\- {prose(command['abstract'].rstrip('.'))}")
    lines += [".SH SYNOPSIS", f"\\fB{escaped(' '.join(words))}\\fR"]
    lines[-1] += "".join(" " + synopsis(argument) for argument in special)
    commands = [child for child in command.get("subcommands", []) if child["shouldDisplay"] and child["commandName"] != "help"]
    if commands:
        lines[-1] += " \\fIcommand\\fR"
    lines += [".SH DESCRIPTION", prose(command["abstract"])]
    text = discussion(command.get("discussion", ""))
    at = text.index(".SH EXAMPLES") if ".SH EXAMPLES" in text else len(text)
    lines += text[:at]
    if commands:
        lines.append(".SH COMMANDS")
        for child in commands:
            lines += [".TP", f"\\fB{escaped('-'.join([*words, child['commandName']]))}\\fR(1)", prose(child["abstract"])]
    for heading, kinds in [("ARGUMENTS", {"positional"}), ("OPTIONS", {"flag", "option"})]:
        found = [argument for argument in arguments if argument["kind"] in kinds]
        lines += ([f".SH {heading}"] if found else []) + [line for argument in found for line in described(argument)]
    lines += text[at:]
    if not above:
        lines += [".SH ENVIRONMENT", ".TP", "\\fBSHIPIT_STATE\\fR"]
        lines.append(prose("Where the ledger is: a path, postgres://… or https://…. Default: .shipit/state.db in the repository."))
        lines += [".TP", "\\fBSHIPIT_TOKEN\\fR, \\fBSHIPIT_TOKEN_FILE\\fR"]
        lines.append(prose("The token for a ledger at https://…, or a file that holds it."))
        lines += [".TP", "\\fBNO_COLOR\\fR", "No colours, whatever the terminal can show."]
        lines.append(".SH EXIT STATUS")
        for code in codes:
            lines += [".TP", f"\\fB{code['word']}\\fR", prose(" ".join(filter(None, [code["meaning"], code.get("next")])))]
    lines += [".SH SEE ALSO", ",\n".join(f"\\fB{escaped(name)}\\fR(1)" for name in further)]
    write(title, lines)
    for child in commands:
        # The exit codes are told in the first page.
        siblings = [other["commandName"] for other in commands if other is not child]
        page(child, words, ["shipit", *("-".join([*words, name]) for name in siblings)] if above else ["shipit"])


def write(title, lines):
    (folder / f"{title}.1").write_text("\n".join(lines) + "\n", encoding="utf-8")


version = ask("--version").strip()
codes = [explanation for explanation in json.loads(ask("explain", "--json")) if explanation["sort"] == "exit code"]
root = json.loads(ask("--experimental-dump-help"))["command"]
folder.mkdir(parents=True, exist_ok=True)
page(root, [], sorted(f"shipit-{child['commandName']}" for child in root["subcommands"] if child["commandName"] != "help"))
