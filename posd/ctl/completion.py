"""Completion for bash, zsh and fish, made from the command line itself. Pure.

A command that has commands of its own offers these, and each of them its own options. Where a word or a file may stand,
that is offered; options where nothing else may, or once a `-` was typed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

_FILES = frozenset({"FILE", "PATH"})
COMPLETED = "completed"
"""An argument's attribute: words to offer where others may stand too."""


@dataclass(frozen=True)
class Option:
    """One option: its spellings, its sentence, what may follow it (`None`: nothing, empty: anything)."""

    names: tuple[str, ...]
    help: str
    values: tuple[str, ...] | None
    files: bool


@dataclass(frozen=True)
class Command:
    """One command as the shells see it; `words` are the values of its arguments, `below` its own commands."""

    name: str
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...]
    files: bool
    below: tuple[Command, ...] = ()


def commands(parser: argparse.ArgumentParser) -> list[Command]:
    """Every command of a parser, in its order."""
    return list(_below(parser._actions))


def _below(actions: Iterable[argparse.Action]) -> tuple[Command, ...]:
    for action in actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            return tuple(_command(name, helps[name], made._actions) for name, made in action.choices.items())
    return ()


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
    places = [action for action in actions if not action.option_strings]
    words = tuple(str(choice) for action in places for choice in _choices(action))
    words += ("last",) if any(action.metavar == "ID" for action in places) else ()
    files = any(action.metavar in _FILES for action in places)
    return Command(name, help, options(actions), words, files, _below(actions))


def _choices(action: argparse.Action) -> Iterable[object]:
    return action.choices or getattr(action, COMPLETED, None) or ()


def paths(known: Iterable[Command], before: str = "") -> Iterator[tuple[str, Command]]:
    """Every command with all that is typed of it: `exception`, `exception note`."""
    for command in known:
        path = f"{before}{command.name}"
        yield path, command
        yield from paths(command.below, f"{path} ")


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """The completion of posctl for `bash`, `zsh` or `fish`, ready to be loaded."""
    makers: dict[str, Callable[[argparse.ArgumentParser], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    return makers[shell](parser)


_BASH = """\
# bash completion of posctl; load it with: source <(posctl completion bash)
_posctl_offer() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} words=$1 options=$2 files=$3
    if [[ $word == -* || -z $words$files ]]; then words=$options files=""; fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    if [[ -n $files ]]; then COMPREPLY+=($(compgen -f -- "$word")); fi
}}
_posctl() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command="" place path
    for ((place = 1; place < COMP_CWORD; place++)); do
        path="${{command:+$command }}${{COMP_WORDS[place]}}"
        case $path in
            {names}) command=$path ;;
        esac
    done
    case $before in
{follows}
    esac
    case $command in
{commands}
        *) _posctl_offer "{words}" "{options}" "" ;;
    esac
}}
complete -F _posctl posctl"""


def _spellings(known: Iterable[Option]) -> tuple[str, ...]:
    return tuple(name for option in known for name in option.names)


def _words(words: Iterable[str]) -> str:
    return f'COMPREPLY=($(compgen -W "{" ".join(words)}" -- "$word"))'


def _bash(parser: argparse.ArgumentParser) -> str:
    known, top = commands(parser), options(parser._actions)
    every = list(paths(known))
    follows: dict[str, str] = {}
    for option in (*top, *(option for _, command in every for option in command.options)):
        if option.files:
            follows["|".join(option.names)] = 'COMPREPLY=($(compgen -f -- "$word"))'
        elif option.values is not None:
            follows["|".join(option.names)] = _words(option.values) if option.values else "COMPREPLY=()"
    rows = []
    for path, command in every:
        offered = " ".join(command.words), " ".join(_spellings(command.options)), "files" * command.files
        rows.append(f'        "{path}") _posctl_offer ' + " ".join(f'"{words}"' for words in offered) + " ;;")
    return _BASH.format(
        names="|".join(f'"{path}"' for path, _ in every),
        follows="\n".join(f"        {names}) {does}; return ;;" for names, does in follows.items()),
        commands="\n".join(rows),
        words=" ".join(command.name for command in known),
        options=" ".join(_spellings(top)),
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
    described = (_quoted(f"{command.name}:{command.help.replace(':', ' ')}") for command in known)
    return _ZSH.format(
        descriptions="\n".join(f"        {text}" for text in described),
        top="\n".join(f"        {argument} \\" for argument in _zsh_options(options(parser._actions))),
        commands="\n".join(f"                {command.name}) {_zsh_arguments(command)} ;;" for command in known),
    )


def _zsh_arguments(command: Command) -> str:
    if command.below:
        inner = " ".join(f"{one.name}) {_zsh_arguments(one)} ;;" for one in command.below)
        names = " ".join(one.name for one in command.below)
        step = "shift words; (( CURRENT-- ))"
        return f"if (( CURRENT == 2 )); then compadd -- {names}; else {step}; case $words[1] in {inner} esac; fi"
    arguments = _zsh_options(command.options)
    if command.files:
        arguments.append("'*:file:_files'")
    else:  # without it no option is offered behind an argument
        arguments.append(f"'*:word:({' '.join(command.words)})'")
    return f"_arguments {' '.join(arguments)}"


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
        seen = f"__fish_seen_subcommand_from {command.name}"
        if command.below:
            inner = " ".join(one.name for one in command.below)
            for one in command.below:
                when = ("-n", _quoted(f"{seen}; and not __fish_seen_subcommand_from {inner}"))
                lines.append(" ".join(("complete -c posctl", *when, "-a", one.name, "-d", _quoted(one.help))))
                lines += _fish_command(one, f"{seen}; and __fish_seen_subcommand_from {one.name}")
        else:
            lines += _fish_command(command, seen)
    return "\n".join(lines)


def _fish_command(command: Command, seen: str) -> list[str]:
    when, lines = ("-n", _quoted(seen)), []
    if command.words:
        lines.append(" ".join(("complete -c posctl", *when, "-a", _quoted(" ".join(command.words)))))
    if command.files:
        lines.append(" ".join(("complete -c posctl", *when, "-F")))
    return [*lines, *_fish_options(command.options, when)]


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
