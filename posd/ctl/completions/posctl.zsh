#compdef posctl
# zsh completion of posctl: asked of posctl once in each shell, so it is always what posctl takes, in the user's language.
eval "$(posctl completion zsh)"
_posctl "$@"
