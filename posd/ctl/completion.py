"""Completion for bash, zsh and fish, made from the command line itself. Pure."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_FILES = frozenset({"FILE", "PATH"})


@dataclass(frozen=True)
class Option:
    """One option: its spellings, its sentence, what may follow it (`None`: nothing, empty: anything)."""

    names: tuple[str, ...]
    help: str
    values: tuple[str, ...] | None
    files: bool


@dataclass(frozen=True)
class Command:
    """One command as the shells see it; `words` are the values of its arguments."""

    name: str
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...]
    files: bool


def commands(parser: argparse.ArgumentParser) -> list[Command]:
    """Every command of a parser, in its order."""
    (sub,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    helps = {choice.dest: choice.help or "" for choice in sub._choices_actions}
    return [_command(name, helps[name], made._actions) for name, made in sub.choices.items()]


def options(actions: Iterable[argparse.Action]) -> tuple[Option, ...]:
    """The options among a parser's actions."""
    made = []
    for action in actions:
        if action.option_strings:
            takes = action.nargs != 0
            choices = tuple(str(choice) for choice in action.choices or ()) if takes else None
            made.append(Option(tuple(action.option_strings), action.help or "", choices, action.metavar in _FILES))
    return tuple(made)


def _command(name: str, help: str, actions: list[argparse.Action]) -> Command:
    """The command with, where it has commands of its own, the options of all of them."""
    below = [action for action in actions if isinstance(action, argparse._SubParsersAction)]
    nested = [inner for action in below for made in action.choices.values() for inner in made._actions]
    known = {option.names: option for option in (*options(nested), *options(actions))}
    files = any(action.metavar in _FILES for action in (*nested, *actions) if not action.option_strings)
    places = [action for action in actions if not action.option_strings]
    words = tuple(str(choice) for action in places for choice in action.choices or ())
    words += ("last",) if any(action.metavar == "ID" for action in places) else ()
    return Command(name, help, tuple(known.values()), words, files)


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """The completion of posctl for `bash`, `zsh` or `fish`, ready to be loaded."""
    makers: dict[str, Callable[[argparse.ArgumentParser], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    return makers[shell](parser)


_BASH = """\
# bash completion of posctl; load it with: source <(posctl completion bash)
_posctl() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command="" place
    for ((place = 1; place < COMP_CWORD; place++)); do
        case ${{COMP_WORDS[place]}} in
            {names}) command=${{COMP_WORDS[place]}}; break ;;
        esac
    done
    case $before in
{follows}
    esac
    case $command in
{commands}
        *) COMPREPLY=($(compgen -W "{top}" -- "$word")) ;;
    esac
}}
complete -F _posctl posctl"""


def _spellings(known: Iterable[Option]) -> tuple[str, ...]:
    return tuple(name for option in known for name in option.names)


def _words(words: Iterable[str]) -> str:
    return f'COMPREPLY=($(compgen -W "{" ".join(words)}" -- "$word"))'


def _bash(parser: argparse.ArgumentParser) -> str:
    known, top = commands(parser), options(parser._actions)
    follows: dict[str, str] = {}
    for option in (*top, *(option for command in known for option in command.options)):
        if option.files:
            follows["|".join(option.names)] = 'COMPREPLY=($(compgen -f -- "$word"))'
        elif option.values is not None:
            follows["|".join(option.names)] = _words(option.values) if option.values else "COMPREPLY=()"
    rows = []
    for command in known:
        files = ' COMPREPLY+=($(compgen -f -- "$word"))' if command.files else ""
        rows.append(f"        {command.name}) {_words((*_spellings(command.options), *command.words))};{files} ;;")
    return _BASH.format(
        names="|".join(command.name for command in known),
        follows="\n".join(f"        {names}) {does}; return ;;" for names, does in follows.items()),
        commands="\n".join(rows),
        top=" ".join((*(command.name for command in known), *_spellings(top))),
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


_ZSH = """\
#compdef posctl
# zsh completion of posctl; load it with: source <(posctl completion zsh)
_posctl() {{
    local -a commands
    local context state line
    commands=(
{descriptions}
    )
    _arguments -C \\
{top}
        '1: :->command' '*:: :->rest'
    case $state in
        command) _describe command commands ;;
        rest)
            case $line[1] in
{commands}
            esac ;;
    esac
}}
if [ "$funcstack[1]" = "_posctl" ]; then _posctl "$@"; else compdef _posctl posctl; fi"""


def _zsh(parser: argparse.ArgumentParser) -> str:
    known = commands(parser)
    rows = []
    for command in known:
        arguments = _zsh_options(command.options)
        if command.files:
            arguments.append("'*:file:_files'")
        elif command.words:
            arguments.append(f"'*:word:({' '.join(command.words)})'")
        rows.append(f"                {command.name}) _arguments {' '.join(arguments)} ;;")
    described = (_quoted(f"{command.name}:{command.help.replace(':', ' ')}") for command in known)
    return _ZSH.format(
        descriptions="\n".join(f"        {text}" for text in described),
        top="\n".join(f"        {argument} \\" for argument in _zsh_options(options(parser._actions))),
        commands="\n".join(rows),
    )


def _zsh_options(known: tuple[Option, ...]) -> list[str]:
    made = []
    for option in known:
        value = ""
        if option.values is not None:
            value = ":file:_files" if option.files else f":value:({' '.join(option.values)})"
        help = option.help.replace("[", "(").replace("]", ")").replace(":", " ")
        made += [_quoted(f"{name}[{help}]{value}") for name in option.names]
    return made


def _fish(parser: argparse.ArgumentParser) -> str:
    known = commands(parser)
    lines = ["# fish completion of posctl; load it with: posctl completion fish | source", "complete -c posctl -f"]
    lines += _fish_options(options(parser._actions), ())
    for command in known:
        lines.append(f"complete -c posctl -n __fish_use_subcommand -a {command.name} -d {_quoted(command.help)}")
        when = ("-n", f"'__fish_seen_subcommand_from {command.name}'")
        if command.words:
            lines.append(" ".join(("complete -c posctl", *when, "-a", _quoted(" ".join(command.words)))))
        if command.files:
            lines.append(" ".join(("complete -c posctl", *when, "-F")))
        lines += _fish_options(command.options, when)
    return "\n".join(lines)


def _fish_options(known: tuple[Option, ...], when: tuple[str, ...]) -> list[str]:
    lines = []
    for option in known:
        parts = ["complete -c posctl", *when]
        parts += [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
        if option.files:
            parts.append("-r -F")
        elif option.values is not None:
            parts.append(f"-x -a {_quoted(' '.join(option.values))}")
        lines.append(" ".join((*parts, "-d", _quoted(option.help))))
    return lines
